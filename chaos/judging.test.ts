// What judges a campaign sees what it is there for: each of these was blind once.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startS4Sandbox } from '@plumbline/sandbox-sap-s4hana'
import { expect, onTestFinished, test } from 'vitest'
import { type Counts, isGood } from './campaign.ts'
import type { Campaign } from './campaigns.ts'
import { sandboxAt } from './world.ts'

test('how often a fault struck is counted anew for each campaign in a shared world', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'plumbline-judging-'))
  const s4 = await startS4Sandbox({ port: 0, dataFolder })
  onTestFinished(async () => {
    await s4.close()
    await rm(dataFolder, { recursive: true })
  })
  const sandbox = sandboxAt(s4.url)
  const call = () => fetch(`${s4.url}/sap/opu/odata/sap/API_SALES_ORDER_SRV/A_SalesOrder`)
  await sandbox.misbehave({ maintenancePage: { rate: 1 } })
  for (let times = 0; times < 3; times++) await call()
  expect(await sandbox.misbehave()).toBe(3)
  await sandbox.misbehave({ maintenancePage: { rate: 1 } })
  expect(await sandbox.misbehave()).toBe(0)
})

const campaign: Campaign = {
  ...{ name: 'quiet', says: 'nothing breaks', workers: 1, editedShare: 0 },
  quotes: { full: 50, short: 50 },
  spreadMs: { full: 0, short: 0 },
}
/** Fifty quotes, about one of which the credit desk must be asked. */
const allWell: Counts = {
  ...{ accepted: 50, journeys: 50, succeeded: 49, asked: 1, doubtful: 1, restedAfterSeconds: 1, strikes: 0 },
  ...{ lost: 0, doubled: 0, stale: 0, open: 0, phantom: 0, echo: 0, excess: 0, crashes: 0 },
}

test('a person is asked about the quotes that need one, and about no other', () => {
  expect(isGood(campaign, allWell, true)).toBe(true)
  expect(isGood(campaign, { ...allWell, succeeded: 0, asked: 50 }, true)).toBe(false)
  expect(isGood(campaign, { ...allWell, succeeded: 50, asked: 0 }, true)).toBe(false)
})

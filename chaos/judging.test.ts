// What judges a campaign sees what it is there for: each of these was blind once.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startS4Sandbox } from '@plumbline/sandbox-sap-s4hana'
import { expect, onTestFinished, test } from 'vitest'
import { crowdedOut } from './api-troubles.ts'
import { type Counts, isGood } from './campaign.ts'
import type { Campaign } from './campaigns.ts'
import { bugs, shownBy } from './planted.ts'
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

const late = [
  'lost: order 1 of the ERP is not in Salesforce',
  'stale: Status of Order 801 (1 in the ERP) is Activated, and should be Shipped',
  'open: delivery of order-1 to sales is due: no reason',
]
test.each([
  ['ref-by-random', 'doubled: quote 00000001 is orders 1 and 2 in the ERP'],
  ['ref-by-random', 'phantom: nobody accepted 00000009, and it is order 3 in the ERP'],
  ['float-money', 'stale: quote 00000001 offers TG13×3 for 0.21; order 1 has TG13×3 for 0.2'],
])('%s is not seen in what is only late, but in "%s"', (name, finding) => {
  const bug = bugs.find(({ bug }) => bug === name)
  expect(bug && shownBy(bug, late)).toBeUndefined()
  expect(bug && shownBy(bug, [...late, finding])).toBe(finding)
})

test('a limit of calls at once must have refused some, and not thirty a second for as long as it lasts', () => {
  const every = (ms: number, forMs: number) => Array.from({ length: forMs / ms }, (_, at) => at * ms)
  expect(crowdedOut([0, 1_000], 30_000)).toEqual([expect.stringContaining('3 are needed')])
  expect(
    crowdedOut(
      [...every(50, 1_000), ...every(500, 30_000)].sort((a, b) => a - b),
      30_000,
    ),
  ).toEqual([])
  expect(crowdedOut(every(33, 30_000), 30_000)).toEqual([expect.stringContaining('calls in 20 s, all refused')])
})

// What judges a campaign sees what it is there for: each of these was blind once.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startS4Sandbox } from '@plumbline/sandbox-sap-s4hana'
import { expect, onTestFinished, test } from 'vitest'
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

// The campaign with a real Tryton in its short form.
import { expect, test } from 'vitest'
import { runTrytonCampaign } from './campaign.ts'

test('orders are each one sale in Tryton while its server is killed, answers get lost and workers are killed', {
  timeout: 600_000,
}, async () => {
  const said: string[] = []
  const { ok, ...outcome } = await runTrytonCampaign({ seed: 7, isShort: true, say: line => said.push(line) })
  expect(outcome, said.join('\n')).toMatchObject({ lost: 0, doubled: 0, stale: 0, open: 0, phantom: 0 })
  expect(ok, `${JSON.stringify(outcome)}\n${said.join('\n')}`).toBe(true)
})

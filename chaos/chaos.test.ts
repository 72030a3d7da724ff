// The campaigns in short form, one after the other: while things break, nothing is lost, doubled or stale, and soon
// after nothing is open. And two of the planted bugs, so that a checker which sees nothing does not go unnoticed.
import { describe, expect, test } from 'vitest'
import { runCampaign } from './campaign.ts'
import { type Campaign, campaigns, together } from './campaigns.ts'
import { bugs, isCaught } from './planted.ts'

const seed = 7

/** Those that share a world are one run: starting and healing takes longer than what they break. */
const runs: readonly Campaign[] = [
  ...campaigns.filter(campaign => !campaign.sharesItsWorld),
  together(campaigns.filter(campaign => campaign.sharesItsWorld)),
]

describe('Accepted quotes while things break', () => {
  test.each(runs)('$name: $says', { timeout: 120_000 }, async campaign => {
    const said: string[] = []
    const { ok, ...outcome } = await runCampaign(campaign, { seed, isShort: true, say: line => said.push(line) })
    expect(outcome, said.join('\n')).toMatchObject({ lost: 0, doubled: 0, stale: 0, open: 0, phantom: 0, excess: 0 })
    expect(ok, `${JSON.stringify(outcome)}\n${said.join('\n')}`).toBe(true)
  })
})

describe('The history checker catches a planted bug', () => {
  test.each(bugs.filter(({ bug }) => ['ref-by-random', 'float-money'].includes(bug)))(
    '$bug: $says',
    { timeout: 120_000 },
    async bug => {
      expect(await isCaught(bug, { seed })).toBe(true)
    },
  )
})

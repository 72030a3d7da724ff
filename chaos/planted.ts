// Bugs planted in the engine, each behind PLUMBLINE_PLANTED_BUG: a checker that has never caught one proves nothing.
import { runCampaign } from './campaign.ts'
import { campaigns } from './campaigns.ts'

export type Bug = {
  readonly bug: string
  readonly says: string
  /** The campaign that must catch it. */
  readonly by: string
  /** What it must find: on a busy machine, what is late is found without any bug. */
  readonly shows: RegExp
}

const doubled = /^doubled: /
/** What nothing mends that comes later. */
const lasting = /^(doubled|phantom|stale: quote .* offers|stale: .* went back to)/

export const bugs: readonly Bug[] = [
  { bug: 'key-dropped', by: 'lost-replies', shows: doubled, says: 'a create is sent without its key' },
  { bug: 'no-look-up', by: 'lost-replies', shows: doubled, says: 'what is in doubt is sent again without a look' },
  { bug: 'resend-at-once', by: 'lost-replies', shows: doubled, says: 'not found yet is taken for never done' },
  {
    bug: 'no-fence',
    by: 'freeze',
    shows: /^(doubled|stale: .* went back to)/,
    says: 'a worker whose lease ran out still sends and records',
  },
  {
    bug: 'acknowledge-before-store',
    by: 'kill',
    shows: /^lost: quote /,
    says: 'the cursor moves before what it passed is stored',
  },
  {
    bug: 'feed-by-id',
    by: 'burst',
    shows: /^(lost: quote|open: .* is not understood)/,
    says: 'arrivals are read as "later than the last", so late commits are skipped',
  },
  { bug: 'forget-wake', by: 'burst', shows: /^open: the journey /, says: 'a change wakes no journey' },
  {
    bug: 'ref-by-random',
    by: 'burst',
    shows: /^(doubled|phantom): /,
    says: 'the ref of a birth depends on who gives birth',
  },
  {
    bug: 'apply-older',
    by: 'events',
    shows: /^stale: (name of customer|quote .* offers|.* went back to)/,
    says: 'what is heard late overwrites what is newer',
  },
  {
    bug: 'relogin-hot-loop',
    by: 'refused',
    shows: / logins in .* in vain$/,
    says: 'nobody waits before the next login, though none helps',
  },
  {
    bug: 'html-is-an-answer',
    by: 'truncated',
    shows: /^(doubled|stale): /,
    says: 'an answer that cannot be read is taken for "there is none"',
  },
  {
    bug: 'float-money',
    by: 'burst',
    shows: /^stale: quote .* offers /,
    says: 'amounts go through binary floats and are cut to cents',
  },
]

type Caught = {
  readonly caught: string
  readonly missed: readonly string[]
  readonly seed: number
  readonly ok: boolean
}
type Say = (sentence: string) => void

/** Runs for each bug the short form of the campaign that must catch it. */
export async function runPlanted(only: readonly string[], seed: number, say: Say): Promise<Caught> {
  const unknown = only.find(name => !bugs.some(({ bug }) => bug === name))
  if (unknown) throw new Error(`There is no planted bug ${unknown}; there are ${bugs.map(({ bug }) => bug).join(', ')}`)
  const chosen = bugs.filter(({ bug }) => only.length === 0 || only.includes(bug))
  const missed: string[] = []
  for (const bug of chosen) if (!(await isCaught(bug, { seed, say }))) missed.push(bug.bug)
  return { caught: `${chosen.length - missed.length}/${chosen.length}`, missed, seed, ok: missed.length === 0 }
}

type CatchOptions = { readonly seed: number; readonly say?: Say }

/** A kill or a freeze must meet the bug in the very moment in which it shows: it gets some occasions to. */
const occasions = 4
const patienceMs = 20_000

export async function isCaught(planted: Bug, { seed, say = () => undefined }: CatchOptions): Promise<boolean> {
  const { bug, by, says } = planted
  const campaign = campaigns.find(campaign => campaign.name === by)
  if (!campaign) throw new Error(`There is no campaign ${by} to catch ${bug}`)
  say(`${bug}: ${says}`)
  for (let occasion = 0; occasion < occasions; occasion++) {
    const findings: string[] = []
    const isEnough = (found: readonly string[]): boolean => lasting.test(shownBy(planted, found) ?? '')
    const options = { seed: seed + occasion, isShort: true, bug, patienceMs, isEnough }
    const { lost, doubled, stale, open, phantom, excess, echo, strikes } = await runCampaign(campaign, {
      ...options,
      say: sentence => findings.push(sentence),
    })
    const shown = shownBy(planted, findings)
    const counts = `${lost} lost, ${doubled} doubled, ${stale} stale, ${open} open, ${phantom} phantom, ${excess} excess, ${echo} echo`
    say(`${bug}: ${shown ?? 'not seen'} (${by}: ${counts}; ${strikes} strikes, seed ${options.seed})`)
    if (shown !== undefined) return true
  }
  return false
}

/** The first finding that only the bug can have brought about. */
export const shownBy = ({ shows }: Bug, findings: readonly string[]): string | undefined =>
  findings.find(finding => shows.test(finding))

// Compares what a system has with what we hold of it, page by page: what a feed missed is read again like anything that a
// system hints at. A page and what was found on it are one transaction, so a comparison goes on where a process died.
import { type Mapping, type Native, type Observation, type Page, Unavailable } from '@plumbline/sdk'
import { claimables, held } from '../kernel/claims.ts'
import { notBegun, type ObjectProgress, storyOf } from '../kernel/comparison.ts'
import { equal } from '../kernel/equal.ts'
import { hintTo } from '../kernel/hint.ts'
import { LaneClosed } from '../kernel/lanes.ts'
import type { SystemPlan } from '../kernel/plan.ts'
import type { Running } from '../running.ts'
import {
  type ComparisonRow,
  endComparison,
  isStillUnread,
  type KnownThere,
  knownThere,
  markAllRead,
  missingThere,
  postponeComparison,
  rememberSeen,
  saveComparison,
} from '../store/comparisons.ts'
import type { Tx } from '../store/db.ts'
import { addEventRows } from '../store/follow-up.ts'
import { storeArrivals } from '../store/inbox.ts'

const missingAtOnce = 500
const pagesPerMinute = 60

/** The next piece of a comparison that this process has claimed. */
export async function compareSome(running: Running, system: SystemPlan, row: ComparisonRow): Promise<void> {
  try {
    const object = row.objects.find(object => row.progress[object]?.phase !== 'done')
    if (object === undefined) return await finish(running, row)
    const progress = row.progress[object] ?? { ...notBegun, phase: firstPhase(system, object, row) }
    if (progress.phase === 'missing') await lookForMissing(running, row, object, progress)
    else await comparePage(running, system, row, object, progress)
  } catch (error) {
    if (running.isAway(error)) throw error
    const { message } = error as Error
    running.host.log(`Comparing ${system.name} broke off and goes on`, { reason: message })
    await postponeComparison(
      running.db,
      running.lease.worker,
      row.comparison,
      message,
      await inMsAfter(running, system, row, error),
    )
  }
}

function firstPhase(system: SystemPlan, object: string, { since }: ComparisonRow): ObjectProgress['phase'] {
  const spec = system.connector.objects[object]
  if (since && spec?.changed) return 'changed'
  return spec?.list ? 'all' : 'done'
}

async function inMsAfter(running: Running, system: SystemPlan, row: ComparisonRow, error: unknown): Promise<number> {
  const backOffMs = Math.min(60_000, 500 * 2 ** Math.min(row.tries, 7))
  if (error instanceof LaneClosed) return (await running.lane(system).closedForMs()) ?? backOffMs
  return (error instanceof Unavailable ? error.retryAfterMs : undefined) ?? backOffMs
}

async function comparePage(
  running: Running,
  system: SystemPlan,
  row: ComparisonRow,
  object: string,
  progress: ObjectProgress,
): Promise<void> {
  const page = await read(running, system, row, object, progress)
  const isFirstLook = progress.phase === 'changed'
  await step(running, row, async tx => {
    const ids = page.records.map(record => String(record.id))
    const known = await knownThere(tx, system.name, object, ids)
    const found = { ...progress, read: progress.read + page.records.filter(({ kind }) => kind !== 'look again').length }
    const doubtful: Doubtful[] = []
    for (const record of page.records) {
      const here = known.get(String(record.id))
      const verdict = verdictOf(system, object, record, here, row.opened_at)
      if (verdict === 'same') continue
      doubtful.push({ id: String(record.id), isNews: isNews(system, object, record, here) })
      // What is to be understood anyway has been counted, or is no discovery.
      if (verdict !== 'unsure' && (isFirstLook || !here?.isPending)) found[verdict]++
    }
    if (!isFirstLook)
      await rememberSeen(
        tx,
        row.comparison,
        object,
        page.records.filter(({ kind }) => kind === 'seen').map(({ id }) => String(id)),
      )
    await hintAt(tx, running, row, object, doubtful)
    return { object, progress: after(system, object, found, page.next) }
  })
}

async function read(
  running: Running,
  system: SystemPlan,
  { since }: ComparisonRow,
  object: string,
  { phase, page }: ObjectProgress,
): Promise<Page> {
  const spec = system.connector.objects[object]
  const listed = await running.lane(system).run('batch', async () => {
    const api = await running.api(system)
    return phase === 'changed' ? spec?.changed?.(api, since?.getTime() ?? 0, page) : spec?.list?.(api, page)
  })
  return listed ?? { records: [] }
}

function after(system: SystemPlan, object: string, found: ObjectProgress, next: string | undefined): ObjectProgress {
  if (next !== undefined) return { ...found, page: next }
  const { page: _, ...rest } = found
  if (found.phase === 'all') return { ...rest, phase: 'missing' }
  return { ...rest, phase: system.connector.objects[object]?.list ? 'all' : 'done' }
}

type Doubtful = { readonly id: string; readonly isNews?: boolean }
type Verdict = 'same' | 'unsure' | 'changed' | 'unknown' | 'gone'

/** `began`: when the comparison did. What was heard before then, each page shows. */
function verdictOf(
  system: SystemPlan,
  object: string,
  record: Observation,
  known: KnownThere | undefined,
  began: Date,
): Verdict {
  const mapping = system.byObject.get(object)
  // A record that was merged into another lives on there.
  if (!mapping || known?.merged) return 'same'
  const isHeld = known?.native != null && known.gone === false
  if (record.kind === 'look again') return 'unsure'
  if (record.kind === 'gone') return isHeld ? 'gone' : 'same'
  if (mapping.options.only && !mapping.options.only.test(record.fields)) return 'same'
  if (known?.native == null) return 'unknown'
  if (known.gone) return 'changed'
  if (isSame(mapping, record.fields, known.native)) return 'same'
  // Positions do not tell which is newer: an entry may have changed later than its record says.
  return known.at !== null && known.at >= began ? 'unsure' : 'changed'
}

/**
 * What was held is no longer so: it changed since the first load, however old the record says it is. A field that nobody asked for
 * when it was held may be as old as that.
 */
function isNews(system: SystemPlan, object: string, record: Observation, known: KnownThere | undefined): boolean {
  const mapping = system.byObject.get(object)
  if (!mapping || known?.native == null || known.gone) return false
  // That it changed is all that is told of it, of an entry for instance.
  if (record.kind !== 'seen') return record.kind === 'look again'
  return !isSame(mapping, record.fields, known.native, (name, held) => name in held)
}

/** Entries of a list are compared by their ids, whatever their order; what a list does not tell of them does not count. */
function isSame(
  mapping: Mapping,
  listed: Native,
  heldNative: Native,
  counts: (name: string, held: Native) => boolean = () => true,
): boolean {
  const idOf = new Map<string, string>(
    Object.values(mapping.rules).flatMap(rule =>
      typeof rule === 'object' && 'each' in rule ? [[rule.each, rule.id] as const] : [],
    ),
  )
  const isPart = (a: Native, b: Native | undefined): boolean =>
    b !== undefined && Object.keys(a).every(name => !counts(name, b) || equal(a[name], b[name]))
  return Object.keys(listed).every(name => {
    if (!counts(name, heldNative)) return true
    const [there, here] = [listed[name], heldNative[name]]
    const id = idOf.get(name)
    if (id === undefined || !Array.isArray(there)) return equal(there, here)
    const entries = new Map(((here ?? []) as readonly Native[]).map(entry => [entry[id], entry]))
    return (
      there.length === entries.size &&
      (there as readonly Native[]).every(entry => isPart(entry, entries.get(entry[id])))
    )
  })
}

async function lookForMissing(
  running: Running,
  row: ComparisonRow,
  object: string,
  progress: ObjectProgress,
): Promise<void> {
  await step(running, row, async tx => {
    const ids = await missingThere(tx, {
      comparison: row.comparison,
      system: row.system,
      object,
      after: progress.page ?? '',
      linkedBefore: row.opened_at,
      limit: missingAtOnce,
    })
    const missing = ids.map(id => ({ id }))
    await hintAt(tx, running, row, object, missing)
    const { page: _, ...rest } = { ...progress, gone: progress.gone + ids.length }
    return {
      object,
      progress: ids.length < missingAtOnce ? { ...rest, phase: 'done' } : { ...rest, page: ids.at(-1) },
    }
  })
}

/** One piece of work behind the fence. A sweep rests after each page that it asked for: it has all night. */
async function step(
  running: Running,
  row: ComparisonRow,
  work: (tx: Tx) => Promise<{ object: string; progress: ObjectProgress }>,
): Promise<void> {
  const perMinute = running.plan.systems.get(row.system)?.instance.sweep?.pagesPerMinute ?? pagesPerMinute
  await running.db.transaction(async tx => {
    const mine = await held(tx, claimables.comparison, running.lease.worker, [row])
    if (mine.size === 0) return
    const { object, progress } = await work(tx)
    const hasAsked = progress.phase !== 'done' && !(progress.phase === 'missing' && progress.page !== undefined)
    const restMs = row.kind === 'sweep' && hasAsked ? 60_000 / Math.max(1, perMinute) : 0
    await saveComparison(tx, row.comparison, { ...row.progress, [object]: progress }, restMs)
  })
  running.poke('understand', [row.system])
}

/** What is found is no truth yet, only a reason to look: it is read and decided on like any hint. */
async function hintAt(
  tx: Tx,
  running: Running,
  { system, preview }: ComparisonRow,
  object: string,
  found: readonly Doubtful[],
): Promise<void> {
  if (preview) return
  await storeArrivals(
    tx,
    found.map(({ id, isNews }) => ({ system, object, native_id: id, heard: hintTo(running.host, object, id, isNews) })),
    0,
  )
}

/** It ends when what it found has been understood. */
async function finish(running: Running, row: ComparisonRow): Promise<void> {
  await running.db.transaction(async tx => {
    const mine = await held(tx, claimables.comparison, running.lease.worker, [row])
    if (mine.size === 0) return
    if (row.read_at === null || (await isStillUnread(tx, row.system, row.read_at))) {
      await markAllRead(tx, row.comparison)
      return
    }
    const ended_at = await endComparison(tx, row.comparison)
    const { comparison, system, kind, preview, progress } = row
    const sentence = storyOf({ ...row, ended_at })
    await addEventRows(tx, [
      {
        id: running.host.uuid(),
        type: kind === 'sweep' ? 'sweep.ended' : 'gap.closed',
        subject: system,
        data: { comparison, system, kind, preview, progress, sentence },
      },
    ])
    running.host.log(sentence, { metric: kind === 'sweep' ? 'sweep' : 'gap', progress })
  })
  running.poke('announce')
}

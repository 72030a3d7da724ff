// Disputes: edits by those who do not own the field, and what became of each. Those that a desk is asked about are wishes.
import type { Tx } from './db.ts'

/** What became of an edit. 'asked', then 'granted' are open; the rest has ended. */
export type Became =
  | 'put right'
  | 'refused'
  | 'asked'
  | 'granted'
  | 'applied'
  | 'declined'
  | 'refused there'
  | 'overtaken'
  | 'replaced'
  | 'older'

export type NewDispute = {
  readonly dispute: string
  readonly ref: string
  readonly contract: string
  readonly field: string
  readonly line: string | null
  readonly system: string
  readonly by: string | null
  readonly edited_at: string
  readonly owner: string | null
  readonly wanted: unknown
  readonly held: unknown
  readonly version: number
  readonly became: Became
  /** Still to be carried out: the owner's system is to be tried. */
  readonly due: boolean
  /** The question to the desk, where one is asked. */
  readonly task?: {
    readonly task: string
    readonly title: string
    readonly desk: string
    readonly question: string
    readonly answers: readonly string[]
    readonly facts: object
  }
}

const add = {
  name: 'disputes-add',
  text: `insert into dispute (dispute, ref, contract, field, line, system, by, edited_at, owner, wanted, held, version, became, due)
         select dispute, ref, contract, field, line, system, by, edited_at, owner, wanted, held, version, became, due
         from jsonb_to_recordset($1::jsonb) as x(dispute text, ref text, contract text, field text, line text, system text, by text, edited_at timestamptz, owner text, wanted jsonb, held jsonb, version int, became text, due boolean)
         order by dispute
         on conflict do nothing
         returning dispute`,
}
const replace = {
  name: 'disputes-replace',
  // Uses dispute_asked.
  text: `update dispute d set became = 'replaced', decided_at = clock_timestamp()
         from dispute newer
         where newer.dispute = any($1) and d.ref = newer.ref and d.became = 'asked' and d.dispute <> all($1)
           and d.field = newer.field and d.line is not distinct from newer.line and d.system = newer.system
         returning d.dispute`,
}
const ask = {
  name: 'disputes-ask',
  text: `insert into task (task, name, desk, question, answers, facts, ref, title, dispute)
         select task, dispute, desk, question, array(select jsonb_array_elements_text(answers)), facts, ref, title, dispute
         from jsonb_to_recordset($1::jsonb) as x(task text, desk text, question text, answers jsonb, facts jsonb, ref text, title text, dispute text)
         order by task
         on conflict do nothing`,
}
const withdraw = {
  name: 'disputes-withdraw',
  text: `update task set withdrawn_at = clock_timestamp() where dispute = any($1) and answer is null and withdrawn_at is null`,
}

/** Keeps disputes, each once however often it is heard; answers those that are new. A newer wish replaces an older one. */
export async function addDisputes(tx: Tx, all: readonly NewDispute[]): Promise<ReadonlySet<string>> {
  if (all.length === 0) return new Set()
  const rows = await tx.sealing.about(
    all.map(({ task: _, ...dispute }) => dispute),
    'wanted',
    'held',
  )
  const fresh = new Set((await tx.query<{ dispute: string }>(add, [JSON.stringify(rows)])).map(row => row.dispute))
  const wishes = all.filter(one => one.task && fresh.has(one.dispute))
  if (wishes.length === 0) return fresh
  const replaced = await tx.query<{ dispute: string }>(replace, [wishes.map(one => one.dispute)])
  if (replaced.length > 0) await tx.query(withdraw, [replaced.map(row => row.dispute)])
  const tasks = wishes.flatMap(({ dispute, ref, task }) => (task ? [{ dispute, ref, ...task }] : []))
  await tx.query(ask, [JSON.stringify(await tx.sealing.about(tasks, 'title', 'question', 'facts'))])
  return fresh
}

/** A wish: a dispute that a desk is, or was, asked about. */
export type Wish = {
  readonly dispute: string
  readonly ref: string
  readonly contract: string
  readonly field: string
  readonly line: string | null
  readonly system: string
  readonly by: string | null
  readonly owner: string | null
  readonly wanted: unknown
  readonly held: unknown
  readonly became: Became
  readonly reason: string | null
  readonly decidedBy: string | null
}
const WISH =
  'dispute, ref, contract, field, line, system, by, owner, wanted, held, became, reason, decided_by as "decidedBy"'

const asked = { name: 'wishes-asked', text: `select ${WISH} from dispute where ref = any($1) and became = 'asked'` }
/** The wishes of these records that nobody has decided on. */
export const askedOf = (tx: Tx, refs: readonly string[]): Promise<Wish[]> =>
  refs.length === 0 ? Promise.resolve([]) : tx.query<Wish>(asked, [refs])

const named = { name: 'wishes-named', text: `select ${WISH} from dispute where dispute = any($1)` }
export const wishesNamed = (tx: Tx, disputes: readonly string[]): Promise<Wish[]> =>
  disputes.length === 0 ? Promise.resolve([]) : tx.query<Wish>(named, [disputes])

const due = { name: 'wishes-due', text: `select dispute, ref, contract from dispute where due order by at limit 50` }
const lock = {
  name: 'wishes-lock',
  text: `select ${WISH} from dispute where dispute = any($1) and due order by at for update`,
}
/** Wishes that were decided and not yet carried out. */
export const dueWishes = (tx: Tx): Promise<Due[]> => tx.query<Due>(due)
export type Due = Pick<Wish, 'dispute' | 'ref' | 'contract'>
/** Of these, what is still to be carried out, in the order in which they came; call with the records locked. */
export const lockWishes = (tx: Tx, disputes: readonly string[]): Promise<Wish[]> => tx.query<Wish>(lock, [disputes])

export type WishEnd = {
  readonly dispute: string
  readonly became: Became
  readonly reason?: string
  /** What stood before it was granted, be it nothing. */
  readonly held?: unknown
  readonly due: boolean
  /** Only when nobody else has ended it: of several systems that take it the one that refuses counts. */
  readonly onlyIf?: Became
}
const end = {
  name: 'wishes-end',
  text: `update dispute d set became = x.became, reason = coalesce(x.reason, d.reason), due = x.due,
           held = case when one ? 'held' then x.held else d.held end, decided_at = coalesce(d.decided_at, clock_timestamp())
         from jsonb_array_elements($1::jsonb) as one, jsonb_to_record(one) as x(dispute text, became text, reason text, held jsonb, due boolean, "onlyIf" text)
         where d.dispute = x.dispute and (x."onlyIf" is null or d.became = x."onlyIf")`,
}
/** What has become of wishes; a question that is still open is withdrawn. */
export async function endWishes(tx: Tx, ends: readonly WishEnd[]): Promise<void> {
  if (ends.length === 0) return
  await tx.query(end, [JSON.stringify(await sealedEnds(tx, ends))])
  await tx.query(withdraw, [ends.map(one => one.dispute)])
}

const about = { name: 'wishes-about', text: 'select dispute, ref from dispute where dispute = any($1)' }
/** A project that knows no person asks nothing. */
async function sealedEnds(tx: Tx, ends: readonly WishEnd[]): Promise<readonly WishEnd[]> {
  if (tx.sealing.personal.people.length === 0) return ends
  const rows = await tx.query<Pick<Wish, 'dispute' | 'ref'>>(about, [ends.map(one => one.dispute)])
  const refs = new Map(rows.map(({ dispute, ref }) => [dispute, ref]))
  return tx.sealing.about(
    ends.map(one => ({ ...one, ref: refs.get(one.dispute) ?? '' })),
    'reason',
    'held',
  )
}

const lockNamed = {
  name: 'wishes-lock-named',
  text: `select ${WISH} from dispute where dispute = any($1) order by dispute for update`,
}
const carried = { name: 'grants-carried', text: `select unnest(grants) as dispute from delivery where ref = any($1)` }
/** Of these wishes, those that go with no delivery any more; whoever else ends one of them waits. */
export async function wishesArrived(tx: Tx, disputes: readonly string[]): Promise<Wish[]> {
  const wishes = await tx.query<Wish>(lockNamed, [disputes])
  const onTheirWay = await tx.query<{ dispute: string }>(carried, [wishes.map(wish => wish.ref)])
  const open = new Set(onTheirWay.map(row => row.dispute))
  return wishes.filter(wish => !open.has(wish.dispute))
}

const drop = {
  name: 'grants-drop',
  text: `update delivery d set grants = array(select g from unnest(d.grants) g where g <> all(array(select jsonb_array_elements_text(x.grants))))
         from jsonb_to_recordset($1::jsonb) as x(ref text, system text, grants jsonb)
         where d.ref = x.ref and d.system = x.system`,
}
/** Grants that have been carried out, or never will be. */
export const dropGrants = (
  tx: Tx,
  all: readonly { readonly ref: string; readonly system: string; readonly grants: readonly string[] }[],
): Promise<unknown> => (all.length === 0 ? Promise.resolve() : tx.query(drop, [JSON.stringify(all)]))

const stood = {
  name: 'fields-stood-since',
  text: `select r.ref, s.key as field, least((v.cause ->> 'at')::timestamptz, v.at) as at, v.cause ->> 'system' as system, v.cause ->> 'by' as by
         from record r cross join lateral jsonb_each_text(r.sources) s
         join record_version v on v.ref = r.ref and v.version = s.value::int
         where r.ref = any($1) and v.cause ->> 'system' is not null`,
}
/** Since when each field of these records stands as it does: no later than when we heard of it, whatever the system's clock says. */
export const stoodSince = (
  tx: Tx,
  refs: readonly string[],
): Promise<{ ref: string; field: string; at: Date; system: string; by: string | null }[]> =>
  refs.length === 0 ? Promise.resolve([]) : tx.query(stood, [refs])

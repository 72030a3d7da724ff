// Somebody asks that a person be erased. A preview says what goes and what stays; done twice it is done once, but for what joined
// the person since.
import { titleOf } from '../kernel/naming.ts'
import { contractNamed, type Plan } from '../kernel/plan.ts'
import { resolve } from '../observe/resolve.ts'
import { audit } from '../store/audit.ts'
import type { Db, Query, Tx } from '../store/db.ts'
import {
  type Counts,
  countsOf,
  type Erasure,
  erase,
  erasureOf,
  type Holder,
  heldBy,
  isErased,
  type Scope,
  type Staying,
  scopeOf,
  settledScopeOf,
  staying,
  sweepKeys,
} from '../store/erase.ts'
import { forgetKeys } from '../store/notify.ts'
import type { Mention } from '../store/sealing.ts'
import { problem } from './problems.ts'

export type EraseRequest = {
  /** Any number or name of the person, or the ref. */
  readonly person: string
  /** Only says what would go and what would stay. */
  readonly preview?: boolean
  readonly by: string
  readonly reason: string
}

export type EraseAnswer = {
  readonly ref: string
  readonly contract: string
  readonly preview: boolean
  /** Who it is, in a preview; afterwards nobody can say. */
  readonly title: string | null
  /** What is erased. */
  readonly erases: Counts
  /** What points to the person, or to the same customer, and stays as it is. */
  readonly stays: readonly Staying[]
  /** Systems that have the person still, or may have: delete it there. */
  readonly heldBy: readonly Holder[]
  /** Null in a preview of what is not erased yet. */
  readonly erased: { readonly at: Date; readonly by: string; readonly reason: string } | null
}

const announce: Query = {
  name: 'erase-event',
  text: "insert into event (id, type, subject, data) values (gen_random_uuid(), 'person.erased', $1, $2)",
}
/** Of all versions, so that a name of old is known too. */
const everSaid: Query = {
  name: 'erase-said',
  text: `select r.ref, r.contract, v.fields from record r join record_version v using (ref) where r.ref = any($1)
         union all select ref, contract, fields from record where ref = any($1)`,
}
type Said = { readonly ref: string; readonly contract: string; readonly fields: Record<string, unknown> }

export async function erasePerson(db: Db, plan: Plan, request: EraseRequest): Promise<EraseAnswer> {
  const { preview = false } = request
  const ref = await personMeant(db, plan, request.person.trim())
  const answer = await db.transaction(async tx => {
    const [record] = await tx.query<Said>('select ref, contract, fields from record where ref = $1', [ref])
    if (!record) throw nobody(request.person)
    const scope = await (preview ? scopeOf : settledScopeOf)(tx, plan, record.ref, record.contract)
    const before = (await isErased(tx, scope)) ? await erasureOf(tx, ref) : undefined
    const counts = before?.counts ?? (await countsOf(tx, scope))
    const erased = before || preview ? before : await eraseNow(tx, request, scope, counts)
    return {
      ref: record.ref,
      contract: record.contract,
      preview,
      title: preview && !before ? titleOf(contractNamed(plan, record.contract), record) : null,
      erases: counts,
      stays: await staying(tx, scope),
      heldBy: await heldBy(tx, plan, scope),
      erased: erased ? { at: erased.at, by: erased.by, reason: erased.reason } : null,
    }
  })
  if (!answer.erased) return answer
  await afterwards(db)
  // As everybody reads it from now on.
  const { at, by, reason } = (await erasureOf(db, answer.ref)) ?? answer.erased
  return { ...answer, erased: { at, by, reason } }
}

/** What the reason says of the person goes with the person. */
async function eraseNow(tx: Tx, request: EraseRequest, scope: Scope, counts: Counts): Promise<Erasure> {
  const by = request.by.trim()
  const said = await tx.query<Said>(everSaid, [scope.refs])
  const mentions = said.flatMap((one): Mention[] => tx.sealing.mentionsOf(one))
  const reason = await tx.sealing.hide(request.reason.trim(), mentions)
  const { ref, contract } = scope
  const erasure = await erase(tx, scope, by, reason, counts)
  await tx.query(announce, [ref, JSON.stringify({ contract, by, erased: erasure.at.toISOString() })])
  await audit(tx, { by, what: 'erased', about: `person:${ref}`, why: reason, facts: { ...counts } })
  return erasure
}

/** Also when it was done before and the process died right then. */
async function afterwards(db: Db): Promise<void> {
  forgetKeys(db, 'announce')
  // Somebody else may be at it; the next erasure, or the database itself, does it then.
  await sweepKeys(db).catch(() => undefined)
}

async function personMeant(db: Db, plan: Plan, asked: string): Promise<string> {
  const { people } = db.sealing.personal
  const erasure = await erasureOf(db, asked)
  if (erasure) return erasure.ref
  const { refs } = await resolve(db, plan, asked)
  const rows = await db.query<Said>('select ref, contract, fields from record where ref = any($1) and version > 0', [
    refs,
  ])
  const found = rows.filter(one => people.includes(one.contract))
  const [one, ...others] = found
  if (!one) throw nobody(asked)
  if (others.length === 0) return one.ref
  const titles = found.map(each => `${titleOf(contractNamed(plan, each.contract), each)} (${each.ref})`)
  throw problem(
    'several-meant',
    `${found.length} persons are known as "${asked}": ${titles.join(', ')}.`,
    'Name the one that is meant by its ref.',
    { records: found.map(({ ref, contract }) => ({ ref, contract })) },
  )
}

const nobody = (asked: string) =>
  problem(
    'not-found',
    `No person is known as "${asked}".`,
    'Give a number or name as a system shows it, word for word, or the ref; who was erased is known by the ref alone.',
  )

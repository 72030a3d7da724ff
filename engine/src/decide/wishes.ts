// Wishes that a desk has decided on, or that the owner's system would not take: the record gets the version that follows, the
// systems are marked, and the record says where the wish was made what became of it. One transaction; nobody else decides here.
import type { AnyContract } from '@plumbline/sdk'
import { wishWords } from '../kernel/dispute-words.ts'
import { fieldAt, isAsWished, outer, valueAt, withValue } from '../kernel/field-at.ts'
import { halving } from '../kernel/halving.ts'
import { aboutOf, namesOf, theRole } from '../kernel/naming.ts'
import { contractNamed, ownerOf, type SystemPlan } from '../kernel/plan.ts'
import { lineAway, type StoredRecord } from '../kernel/rows.ts'
import type { Running } from '../running.ts'
import { type Due, dueWishes, endWishes, lockWishes, type Wish, type WishEnd } from '../store/disputes.ts'
import type { Mark } from '../store/follow-up.ts'
import { lockRecords, placesOf } from '../store/records.ts'
import { releaseWaiting } from '../store/tables.ts'
import { carryOut, changedEvent } from './decide.ts'
import { writes } from './marks.ts'
import { nothingYet, type Outcome } from './seen.ts'

/** Carries out what was decided on; answers how many wishes that were. */
export async function settleWishes(running: Running): Promise<number> {
  const due = await dueWishes(running.db)
  if (due.length === 0) return 0
  const settled = await halving(
    due,
    some => settleTogether(running, some, settle),
    (one, error) => settleTogether(running, [one], settling => giveUp(settling, error)),
    running.isAway,
  )
  return settled.reduce((sum, some) => sum + some, 0)
}

async function settleTogether(
  running: Running,
  due: readonly Due[],
  settle: (settling: Settling) => Settled,
): Promise<number> {
  const { settled, marked } = await running.db.transaction(async tx => {
    const records = await lockRecords(
      tx,
      due.map(({ ref, contract }) => ({ ref, contract, contractVersion: 1 })),
    )
    const wishes = await lockWishes(
      tx,
      due.map(wish => wish.dispute),
    )
    const places = await placesOf(tx, wishes)
    const outcome = nothingYet()
    const ends: WishEnd[] = []
    for (const wish of wishes) {
      const record = records.get(wish.ref)
      if (!record) continue
      const systems = places.heldIn(wish.ref).flatMap(name => running.plan.systems.get(name) ?? [])
      const { next, end } = settle({ running, wish, record, systems, outcome })
      records.set(wish.ref, next)
      ends.push(end)
    }
    const { marked, units } = await carryOut(tx, running.plan, running.host, outcome)
    if (units.length > 0) await releaseWaiting(tx, units)
    await endWishes(tx, ends)
    return { settled: wishes.length, marked }
  })
  running.poke('deliver', marked)
  return settled
}

type Settling = {
  readonly running: Running
  readonly wish: Wish
  readonly record: StoredRecord
  /** Where the record is held. */
  readonly systems: readonly SystemPlan[]
  readonly outcome: Outcome
}
type Settled = { readonly next: StoredRecord; readonly end: WishEnd }

/** The project's own code cannot carry it out: what stood before its owner was asked stands, and that is said. */
function giveUp(settling: Settling, error: Error): Settled {
  const { running, wish, record } = settling
  const isPersonal = running.db.sealing.personal.fieldsOf(wish.contract) !== undefined
  running.host.log(`A wish for ${wish.ref} could not be carried out`, {
    error: isPersonal ? error.name : (error.stack ?? error.message),
  })
  const contract = running.plan.contracts.get(wish.contract)
  // What its owner refused goes back, whoever that is.
  if (contract && wish.became === 'refused there') return takeBack(settling, contract, undefined)
  const reason = `it could not be carried out: ${error.message}`
  putRight(settling, record)
  say(settling, record, `Not possible: ${reason}`)
  return { next: record, end: { dispute: wish.dispute, became: 'refused there', reason, due: false } }
}

function settle(settling: Settling): Settled {
  const { running, wish, record } = settling
  const contract = contractNamed(running.plan, wish.contract)
  if (wish.became === 'granted') return grant(settling, contract)
  if (wish.became === 'refused there') return takeBack(settling, contract, ownerAmong(settling, contract))
  say(settling, record, `Refused by ${wish.decidedBy ?? 'the desk'}: ${wishWords(contract, record, wish)}.`)
  return { next: record, end: { dispute: wish.dispute, became: wish.became, due: false } }
}

function grant(settling: Settling, contract: AnyContract): Settled {
  const { wish, record, systems } = settling
  const held = valueAt(record.fields, wish)
  const fields = withValue(record.fields, wish, wish.wanted)
  if (!fields || isAsWished(record.fields, wish)) {
    if (!fields) putRight(settling, record)
    say(settling, record, null)
    return { next: record, end: { dispute: wish.dispute, became: fields ? 'applied' : 'overtaken', due: false } }
  }
  const owner = systems.filter(system => owns(contract, wish, record, system))
  const reason = whyNot(settling, contract, owner)
  if (reason !== undefined) {
    putRight(settling, record)
    say(settling, record, `${wishWords(contract, record, wish)}: ${reason}.`)
    return { next: record, end: { dispute: wish.dispute, became: 'refused there', reason, due: false } }
  }
  const next = version(settling, contract, fields, { system: wish.system, by: wish.decidedBy ?? undefined })
  const away = wish.line != null && !wish.field.includes('.') && wish.wanted === null ? [lineAway(wish.line)] : []
  for (const system of systems) {
    const grants = owner.includes(system) ? [wish.dispute, ...away] : away
    if (grants.length > 0 || writes(system, contract, outer(wish), fields)) mark(settling, next, system, { grants })
  }
  say(settling, next, null)
  const became = owner.length > 0 ? 'granted' : 'applied'
  return { next, end: { dispute: wish.dispute, became, held, due: false } }
}

/** Why a wish cannot even be brought to the owner's system. Without a desk that granted it the owner alone can say yes. */
function whyNot({ wish }: Settling, contract: AnyContract, owner: readonly SystemPlan[]): string | undefined {
  if (owner.length === 0 && wish.decidedBy === null) return `${theRole(wish.owner ?? 'owner')} does not have it`
  const cannot = owner.find(system => !isWritten(system, contract, wish))
  return cannot && `${cannot.name} works it out by itself and cannot be written it`
}

/** The owner's system said no: what stood before stands again, everywhere, and where it was wished the record says why. */
function takeBack(settling: Settling, contract: AnyContract, owner: SystemPlan | undefined): Settled {
  const { wish, record, systems } = settling
  const isSo = isAsWished(record.fields, wish)
  const fields = isSo ? withValue(record.fields, wish, wish.held) : undefined
  let next = record
  if (fields) {
    next = version(settling, contract, fields, { system: owner?.name ?? wish.system })
    const grants = wish.line != null && wish.held === null && !wish.field.includes('.') ? [lineAway(wish.line)] : []
    for (const system of systems) mark(settling, next, system, { grants })
  }
  say(settling, next, `Not possible: ${wishWords(contract, next, wish)}: ${wish.reason ?? 'no reason was given'}.`)
  return { next, end: { dispute: wish.dispute, became: 'refused there', due: false } }
}

const ownerAmong = ({ wish, record, systems }: Settling, contract: AnyContract): SystemPlan | undefined =>
  systems.find(system => owns(contract, wish, record, system))

function owns(contract: AnyContract, wish: Wish, { fields }: StoredRecord, { role }: SystemPlan): boolean {
  const field = fieldAt(contract, wish.field)
  if (!field) return false
  const parts = field.kind === 'lines' ? Object.values(field.of ?? {}) : [field]
  return parts.some(part => ownerOf(contract, part, fields) === role)
}

/** Whether a system can be told a value of this field at all. */
function isWritten(system: SystemPlan, contract: AnyContract, wish: Wish): boolean {
  const rule = system.byContract.get(contract.contract)?.rules[outer(wish)]
  if (rule === undefined) return false
  if (typeof rule === 'string') return true
  if ('each' in rule) return rule.key !== undefined
  return 'values' in rule || 'table' in rule || ('write' in rule && rule.write !== undefined)
}

function version(
  { running, wish, record, outcome }: Settling,
  contract: AnyContract,
  fields: Record<string, unknown>,
  by: { readonly system: string; readonly by?: string | undefined },
): StoredRecord {
  const name = outer(wish)
  const next = { ...record, version: record.version + 1, fields }
  outcome.changed.push({
    ref: record.ref,
    contract: contract.contract,
    version: next.version,
    fields,
    born: record.born,
    about: aboutOf(contract, fields),
    names: namesOf(contract, fields),
    formerNames: namesOf(contract, record.fields),
    delta: { [name]: fields[name] ?? null },
    cause: {
      system: by.system,
      at: new Date(running.host.now()).toISOString(),
      build: running.build,
      ...(by.by !== undefined && { by: by.by }),
      dispute: wish.dispute,
    },
    quiet: false,
  })
  outcome.events.push(changedEvent(running.host, contract, next, [name]))
  for (const ref of [next.ref, ...aboutOf(contract, fields)]) outcome.woken.add(ref)
  return next
}

function mark({ outcome }: Settling, record: StoredRecord, system: SystemPlan, more: Partial<Mark>): void {
  outcome.marks.push({
    ref: record.ref,
    system: system.name,
    contract: record.contract,
    wanted: record.version,
    ...more,
  })
}

/** Where the wish was made, what stands is written back: until then it was left as it was edited. */
const putRight = (settling: Settling, record: StoredRecord): void => {
  const system = settling.systems.find(one => one.name === settling.wish.system)
  if (system) mark(settling, record, system, {})
}

/** What the record says where the wish was made, if it has a field for that. */
function say(settling: Settling, record: StoredRecord, says: string | null): void {
  const system = settling.systems.find(one => one.name === settling.wish.system)
  if (system?.byContract.get(record.contract)?.options.says === undefined) return
  mark(settling, record, system, { says })
}

// The tools a workflow reaches the world through. Each finished one is a row with a name; a name found among the rows
// is answered from it and nothing happens twice.
import { type AnyContract, type Deadline, isInWorkingDays } from '@plumbline/sdk'
import { planted } from '../host.ts'
import { hydrate, store, thaw } from '../kernel/hydrate.ts'
import { refOfBirth, taskId } from '../kernel/ids.ts'
import { titleOf } from '../kernel/naming.ts'
import { contractNamed } from '../kernel/plan.ts'
import type { Stay } from '../kernel/routes.ts'
import type { JourneyRow, StoredRecord } from '../kernel/rows.ts'
import { dueAfter } from '../kernel/working-days.ts'
import type { Running } from '../running.ts'
import type { Tx } from '../store/db.ts'
import type { NewStep, NewTask, StepRow, TaskRow, WaitRow } from '../store/journeys.ts'
import { recordsAbout, resolved } from '../store/records.ts'
import type { Mention } from '../store/sealing.ts'
import { calendarOf } from './deadlines.ts'
import { answer, type Put } from './question.ts'
import type { Reads } from './reads.ts'
import { atBirth, type Begins, type Whom } from './routing.ts'
import { CodeChanged, PutOff, Stopped, type Suspension } from './suspend.ts'

type Ref = { readonly contract: string; readonly id: string }
type Saved = Record<string, unknown> & { readonly ref: Ref }
type Options = { readonly for?: string | Ref; readonly within?: Deadline }

type Birth = Begins & {
  readonly step: string
  readonly ref: string
  readonly contract: AnyContract
  readonly role: string
  readonly from: string | undefined
}
/** What a journey waits for. Whether it has come already is tested once more under lock before the wait is committed. */
type Wait = { readonly name: string; readonly ref: string; readonly dueInMs: number | null } & (
  | { readonly for: 'record'; readonly passes: (records: readonly StoredRecord[]) => boolean }
  | { readonly for: 'all'; readonly of: string; readonly passes: (records: readonly StoredRecord[]) => boolean }
  | { readonly for: 'opening'; readonly systems: readonly string[] }
  | { readonly for: 'answer' }
)

/** What one run of a journey did and wishes, to be committed together. */
export type Doing = {
  readonly steps: NewStep[]
  readonly births: Birth[]
  readonly waits: Wait[]
  readonly tasks: NewTask[]
  readonly closes: string[]
  /** Why the journey cannot go on just now. */
  readonly putOff: PutOff[]
  /** Waits that have taken longer than they may, in words. */
  readonly overdue: string[]
  /** What is waited for and has disappeared from a system, in words. */
  readonly gone: string[]
  /** Tasks whose time ran out without an answer. */
  readonly unanswered: string[]
  /** Tasks that go on to another desk now. */
  readonly escalated: { readonly task: string; readonly desk: string; readonly to: string; readonly question: string }[]
  readonly reached: Map<string, string>
  /** By when checkpoints are due that count in working days. */
  readonly counted: Map<string, string>
  /** Steps that a stop has undone. */
  readonly undone: string[]
  readonly undos: { readonly name: string; readonly undo: () => unknown }[]
  /** Systems that it asked, or opens records in. */
  readonly systems: Set<string>
  /** The systems that this run asked: it stays with them, and so does every later one that has the answer. */
  readonly stays: Stay[]
  /** Titles of what was opened, for the events. */
  readonly opened: { contract: string; ref: string; fields: Record<string, unknown> }[]
  /** What it came to know of persons. */
  readonly persons: Mention[]
}
export const nothingYet = (row: JourneyRow, persons: readonly Mention[]): Doing => ({
  persons: [...persons],
  steps: [],
  births: [],
  waits: [],
  tasks: [],
  closes: [],
  putOff: [],
  overdue: [],
  gone: [],
  unanswered: [],
  escalated: [],
  reached: new Map(Object.entries(row.reached)),
  counted: new Map(Object.entries(row.counted)),
  undone: [],
  undos: [],
  systems: new Set(),
  stays: [],
  opened: [],
})

/** A wait that takes longer than it may is a reason, and a person's business. */
export const overdue = ({ gone, overdue }: Doing): { reason?: string; todo?: string } => {
  if (gone[0] !== undefined) return { reason: gone[0], todo: 'Bring it back there; the journey goes on by itself' }
  return overdue[0] === undefined
    ? {}
    : { reason: overdue[0], todo: 'See what holds it up; it goes on by itself when it happens' }
}

/** Recorded steps of these kinds were deeds: done once, they must not be done again under another name. */
const deeds = new Set(['open', 'close', 'step', 'answer'])
export const noAnswer = 'no answer'

export type Past = {
  readonly steps: ReadonlyMap<string, StepRow>
  readonly tasks: ReadonlyMap<string, TaskRow>
  readonly waits: ReadonlyMap<string, WaitRow>
  /** What its steps say of persons. */
  readonly persons: readonly Mention[]
}

export function toolsFor(
  running: Running,
  reads: Reads,
  row: JourneyRow & { readonly start: Readonly<Record<string, unknown>> },
  past: Past,
  doing: Doing,
  suspension: Suspension,
) {
  const used = new Set<string>()
  const began = new Date(running.host.now()).toISOString()

  const named = (name: string, options: Options = {}): string => {
    const full =
      options.for === undefined ? name : `${name} · ${typeof options.for === 'string' ? options.for : options.for.id}`
    if (used.has(full))
      throw new Error(`"${full}" is used twice in ${row.workflow}: give each its own name, or { for: … } in a loop`)
    used.add(full)
    return full
  }
  /** What is recorded is what the code goes on with: the first run sees no more than a later one. */
  const record = <T>(name: string, kind: string, result: T, stay?: Stay): T => {
    const stored = (store(result) ?? null) as T
    doing.steps.push({
      name,
      n: past.steps.size + doing.steps.length,
      kind,
      result: stored,
      ...(stay && { stays: stay }),
      began_at: past.waits.get(name)?.began_at.toISOString() ?? began,
    })
    return stored
  }

  async function step(says: string, work: unknown, options?: Options): Promise<unknown> {
    const name = named(says, options)
    const { run, undo } = both(work)
    const known = past.steps.get(name)
    const done = known ? await revive(known) : await carryOut(name, run)
    if (undo && !known?.undone_at) doing.undos.push({ name, undo: () => undo(done) })
    return done
  }

  /** Before anything new is done, every recorded deed must have been asked for: a step that was renamed would be done twice. */
  async function replayed(): Promise<void> {
    await suspension.during(() => new Promise<void>(resolve => setImmediate(resolve)))
    const gone = [...past.steps.values()].find(step => deeds.has(step.kind) && !used.has(step.name))
    if (gone)
      throw new CodeChanged(`The workflow no longer has the step "${gone.name}", which this journey has done already`)
  }

  async function carryOut(name: string, run: () => unknown): Promise<unknown> {
    await replayed()
    const wish = run()
    if (isAsked(wish)) return question(name, wish)
    if (isOpened(wish)) return open(name, wish)
    if (isClosed(wish)) {
      doing.closes.push(wish.closed.id)
      return record(name, 'close', undefined)
    }
    return record(name, 'step', await suspension.during(async () => wish))
  }

  const staysNow = (): readonly Stay[] => [
    ...[...past.steps.values()].flatMap(step => step.stays ?? []),
    ...doing.stays,
  ]

  /** A system that cannot answer now puts the journey off. It is no error of the code's: no catch of an author sees it. */
  async function question(name: string, put: Put): Promise<unknown> {
    let stay: Stay | undefined
    const asks = (whom: Whom): void => {
      doing.systems.add(whom.system.name)
      stay = whom.stay
      if (stay) doing.stays.push(stay)
    }
    const answered = await suspension
      .during(() => answer(running, reads, put, { stays: staysNow(), asks }))
      .catch((error: Error) => error)
    if (!(answered instanceof Error)) return record(name, 'question', answered, stay)
    if (!(answered instanceof PutOff)) throw answered
    return putOff(answered)
  }

  function putOff(why: PutOff): Promise<never> {
    doing.putOff.push(why)
    return suspension.forever()
  }

  /** The record is born by this journey; the step ends when the role's system has it. */
  async function open(name: string, wish: Opened): Promise<unknown> {
    const contract = contractNamed(running.plan, wish.opened)
    const ref = refOfBirth(contract.contract, row.journey, planted.has('ref-by-random') ? running.lease.worker : name)
    const born = await suspension.during(() => reads.record(ref))
    const systems = (running.plan.systemsOfRole.get(wish.in) ?? []).map(system => system.name)
    const homes = born && (await suspension.during(() => reads.answeredIn(ref)))
    if (born && homes?.some(home => systems.includes(home)))
      return opened(contract, record(name, 'open', snapshot(born)))
    if (!born) {
      const { in: role, from } = wish
      const birth = { contract, role, from, with: store(wish.with) as Record<string, unknown> }
      const begins = await suspension.during(() => atBirth(running, reads, birth, row, staysNow()))
      if (begins instanceof PutOff) return putOff(begins)
      doing.births.push({ step: name, ref, contract, role, from: from?.id, ...begins })
    }
    doing.waits.push({ name, ref, dueInMs: null, for: 'opening', systems })
    return suspension.forever()
  }

  const opened = (contract: AnyContract, snap: Snapshot): unknown => {
    doing.opened.push({ contract: contract.contract, ref: snap.ref, fields: snap.fields })
    return {
      ...thaw(contract, snap),
      cancel: () => ({ closed: { contract: contract.contract, id: snap.ref } }),
    }
  }

  async function revive(known: StepRow): Promise<unknown> {
    if (known.kind === 'open' && isSnapshot(known.result))
      return opened(contractNamed(running.plan, known.result.contract), known.result)
    return known.result
  }

  async function ask(
    desk: string,
    question: string,
    options: Options & {
      answers: readonly string[]
      within: Deadline
      facts?: object
      escalate?: { to: string; after: Deadline }
    },
  ): Promise<string> {
    const name = named(`Ask the ${desk}`, options)
    const known = past.steps.get(name)
    if (known) return String(known.result)
    await replayed()
    const task = past.tasks.get(name)
    if (task?.answer) return record(name, 'answer', task.answer)
    const dueInMs = task ? (task.due_in_ms ?? Number.POSITIVE_INFINITY) : await lasting(options.within)
    if (task && dueInMs <= 0) {
      doing.unanswered.push(task.task)
      return record(name, 'answer', noAnswer)
    }
    const { escalate } = options
    // What the code no longer says is not waited for, whatever the task was asked with.
    let escalatesInMs = !escalate ? null : task ? task.escalates_in_ms : await lasting(escalate.after)
    if (task && escalate && escalatesInMs !== null && escalatesInMs <= 0) {
      doing.escalated.push({ task: task.task, desk, to: escalate.to, question })
      escalatesInMs = null
    }
    if (!task)
      doing.tasks.push({
        task: taskId(row.journey, name),
        name,
        desk,
        question,
        answers: options.answers,
        facts: (store(options.facts ?? {}) ?? {}) as object,
        due_in_ms: dueInMs,
        escalates_to: escalate?.to ?? null,
        escalates_in_ms: escalatesInMs,
      })
    doing.waits.push({
      name,
      ref: `task:${row.journey}`,
      dueInMs: Math.min(dueInMs, escalatesInMs ?? dueInMs),
      for: 'answer',
    })
    return suspension.forever()
  }

  async function until(about: Saved, test: (record: never) => boolean, options: Options = {}): Promise<unknown> {
    const contract = contractNamed(running.plan, about.ref.contract)
    const name = named(`Until ${wordsOf(test)}`, options)
    const known = past.steps.get(name)
    if (known && isSnapshot(known.result)) return thaw(contract, known.result)
    const passes = (records: readonly StoredRecord[]): boolean =>
      records[0] !== undefined && test(hydrate(contract, records[0].ref, records[0].fields) as never)
    const found = await suspension.during(() => reads.survivor(about.ref.id))
    if (found && passes([found])) return hydrate(contract, found.ref, record(name, 'until', snapshot(found)).fields)
    await sayIfGone(contract, found)
    const dueInMs = await leftOf(name, options)
    doing.waits.push({ name, ref: found?.ref ?? about.ref.id, dueInMs, for: 'record', passes })
    return suspension.forever()
  }

  async function untilAll(
    of: AnyContract,
    about: Saved,
    test: (records: never) => boolean,
    options: Options = {},
  ): Promise<unknown> {
    const name = named(`Until ${wordsOf(test)}`, options)
    const revived = (snaps: readonly Snapshot[]): unknown => snaps.map(snap => thaw(of, snap))
    const known = past.steps.get(name)
    if (known) return revived(known.result as Snapshot[])
    const passes = (records: readonly StoredRecord[]): boolean =>
      test(records.map(found => hydrate(of, found.ref, found.fields)) as never)
    const id = await suspension.during(() => resolved(running.db, about.ref.id))
    const now = await suspension.during(() => recordsAbout(running.db, id, of.contract))
    doing.persons.push(...now.flatMap(one => running.db.sealing.mentionsOf(one)))
    if (passes(now)) return revived(record(name, 'until', now.map(snapshot)))
    await sayIfGone(contractNamed(running.plan, about.ref.contract), await suspension.during(() => reads.survivor(id)))
    const dueInMs = await leftOf(name, options)
    doing.waits.push({ name, ref: id, dueInMs, for: 'all', of: of.contract, passes })
    return suspension.forever()
  }

  /** Nobody may ever change it again: a person is told what is waited for. */
  async function sayIfGone(contract: AnyContract, record: StoredRecord | undefined): Promise<void> {
    const systems = record && (await suspension.during(() => reads.goneFrom(record.ref)))
    if (record && systems?.length)
      doing.gone.push(`${titleOf(contract, record)} is waited for, and has disappeared from ${systems.join(' and ')}`)
  }

  function reach(checkpoint: string): void {
    if (doing.reached.has(checkpoint)) return
    doing.reached.set(checkpoint, new Date(running.host.now()).toISOString())
    record(`Reached ${checkpoint}`, 'checkpoint', null)
  }

  /** How long it is until a deadline that begins now, or began at a moment, is due. */
  const lasting = async (deadline: Deadline, from = running.host.now()): Promise<number> => {
    const soFar = { opened: doing.opened.map(({ ref }) => ref), stays: staysNow() }
    const calendar = isInWorkingDays(deadline)
      ? await suspension.during(() => calendarOf(running, reads, row, soFar))
      : undefined
    return dueAfter(deadline, from, calendar) - running.host.now()
  }

  /** What is left of a wait's time; working days were counted when it began. One that is over goes on waiting, late and visible. */
  const leftOf = async (name: string, { within }: Options): Promise<number | null> => {
    if (within === undefined) return null
    const { began_at, due_at } = past.waits.get(name) ?? {}
    const left =
      due_at && isInWorkingDays(within)
        ? due_at.getTime() - running.host.now()
        : await lasting(within, began_at?.getTime())
    if (left > 0) return left
    doing.overdue.push(`${name.replace('Until ', 'It has not come to ')} within ${within}`)
    return null
  }

  const stop = (reason: string): never => {
    throw new Stopped(reason)
  }
  const wish = (of: AnyContract, how: { from?: Saved; in: { role: string }; with?: object }): Opened => ({
    opened: of.contract,
    in: how.in.role,
    ...(how.from && { from: how.from.ref }),
    with: how.with ?? {},
  })

  // A strand that nobody awaits any more must not bring the process down: its failure is the journey's already.
  const quiet =
    <A extends never[], R>(tool: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> => {
      const result = tool(...args)
      result.catch(() => undefined)
      return result
    }
  return { step: quiet(step), ask: quiet(ask), open: wish, until: quiet(until), untilAll: quiet(untilAll), reach, stop }
}

type Opened = { readonly opened: string; readonly in: string; readonly from?: Ref; readonly with: object }
type Snapshot = {
  readonly ref: string
  readonly contract: string
  /** Of the contract; absent in what was kept before contracts had several. */
  readonly contractVersion?: number
  readonly version: number
  readonly fields: Record<string, unknown>
}
const snapshot = (record: StoredRecord): Snapshot => ({
  ref: record.ref,
  contract: record.contract,
  contractVersion: record.contract_version,
  version: record.version,
  fields: record.fields,
})

const has = <K extends string>(value: unknown, key: K): value is Record<K, unknown> =>
  typeof value === 'object' && value !== null && key in value
const isAsked = (wish: unknown): wish is Put => has(wish, 'asked') && has(wish, 'question')
const isOpened = (wish: unknown): wish is Opened => has(wish, 'opened') && has(wish, 'in')
const isClosed = (wish: unknown): wish is { closed: Ref } => has(wish, 'closed')
const isSnapshot = (result: unknown): result is Snapshot =>
  has(result, 'ref') && has(result, 'fields') && has(result, 'contract')

type Both = { run: () => unknown; undo?: (done: unknown) => unknown }
const both = (work: unknown): Both =>
  typeof work === 'function'
    ? { run: work as () => unknown }
    : { run: (work as { do: () => unknown }).do, undo: (work as { undo: (done: unknown) => unknown }).undo }

/** A test's own words name its wait: "order.status.reached('shipped')". */
const wordsOf = (test: (...all: never[]) => unknown): string =>
  test
    .toString()
    .replace(/^(async\s+)?(\([^)]*\)|\w+)\s*=>\s*/, '')
    .replace(/\s+/g, ' ')
    .trim()

const isInQuery = {
  name: 'holdings-is-in',
  text: 'select 1 from holding where ref = $1 and system = any($2) and answered limit 1',
}
/** Whether one of the systems has the record, and its answer has been understood. */
export const isIn = async (tx: Tx, ref: string, systems: readonly string[]): Promise<boolean> =>
  (await tx.query(isInQuery, [ref, systems])).length > 0

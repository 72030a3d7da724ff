// Runs a journey: its code from the start, answered from its rows, until it waits, ends or stops; then everything it
// brought about is committed at once, behind the fence.
import { claimables, held } from '../kernel/claims.ts'
import { type Frozen, hydrate } from '../kernel/hydrate.ts'
import { aboutOf, namesOf } from '../kernel/naming.ts'
import { contractNamed } from '../kernel/plan.ts'
import { homesOf } from '../kernel/routes.ts'
import type { JourneyRow, StoredRecord } from '../kernel/rows.ts'
import { together } from '../kernel/together.ts'
import { fieldsToday } from '../kernel/upgrade.ts'
import type { Running } from '../running.ts'
import type { Tx } from '../store/db.ts'
import {
  addEventRows,
  type Event,
  markDeliveries,
  orderWithWaits,
  startStep,
  wakeJourneys,
} from '../store/follow-up.ts'
import {
  closeUnanswered,
  escalateTasks,
  lockWaitOrder,
  type NewWait,
  type Progress,
  type StepRow,
  saveProgress,
  stepsOf,
  tasksOf,
  waitsOf,
} from '../store/journeys.ts'
import { bearRecords, homesOrDeliveries, readRecords, recordsAbout, shareRecords } from '../store/records.ts'
import { countCheckpoints, nextCheckpointDue } from './deadlines.ts'
import { eventsHidden, logFailure, noticing, progressHidden, recalled } from './persons.ts'
import { againOf, dueOfPutOff, recordsInTheWay, waitsOfPutOff } from './put-off.ts'
import { type Reads, readsOf } from './reads.ts'
import { CodeChanged, Stopped, Suspension } from './suspend.ts'
import { type Doing, isIn, noAnswer, nothingYet, overdue, type Past, toolsFor } from './tools.ts'

type How =
  | { is: 'suspended' }
  | { is: 'done' }
  | { is: 'stopped'; reason: string }
  | { is: 'put off' }
  | { is: 'failed'; error: Error }

/** With the fields of the record as they were when it began. */
type StartedRow = JourneyRow & { readonly start: Readonly<Record<string, unknown>> }

export async function runJourneys(running: Running, claimed: readonly JourneyRow[]): Promise<void> {
  const names = claimed.map(row => row.journey)
  const read = await stepsOf(running.db, names)
  const steps = Map.groupBy(read, step => step.journey)
  const rows = claimed.map((row): StartedRow => ({ ...row, start: startOf(running, row, steps.get(row.journey)) }))
  const tasks = Map.groupBy(await tasksOf(running.db, names), task => task.journey)
  const waits = Map.groupBy(await waitsOf(running.db, names), wait => wait.journey)
  const pastOf = ({ journey }: JourneyRow): Past => ({
    steps: new Map(steps.get(journey)?.map(step => [step.name, step])),
    tasks: new Map(tasks.get(journey)?.map(task => [task.name, task])),
    waits: new Map(waits.get(journey)?.map(wait => [wait.name, wait])),
    persons: recalled(running, read, steps.get(journey)),
  })
  const reads = readsOf(running.db)
  const persist = together<Run>(all => persistAll(running, all), rows.length)
  const ran = await Promise.allSettled(rows.map(row => runOne(running, reads, row, pastOf(row), persist)))
  for (const one of ran) if (one.status === 'rejected') throw one.reason
}

/** As it was when the journey began, in the words of the contract today. */
function startOf(
  { plan }: Running,
  { workflow }: JourneyRow,
  steps: readonly StepRow[] = [],
): Readonly<Record<string, unknown>> {
  const start = steps.find(step => step.kind === startStep)?.result as Omit<Frozen, 'ref'> | undefined
  const contract = plan.contracts.get(plan.workflows.get(workflow)?.startsWhen.contract ?? '')
  if (!start || !contract) return start?.fields ?? {}
  return fieldsToday(contract, start.fields, start.contractVersion ?? 1)
}

/** A run of a journey that has come to its end, to be committed. */
type Run = { readonly row: StartedRow; readonly doing: Doing; readonly how: How }

async function runOne(
  running: Running,
  reads: Reads,
  row: StartedRow,
  past: Past,
  persist: (run: Run) => Promise<void>,
): Promise<void> {
  const doing = nothingYet(row, past.persons)
  const how = await execute(running, noticing(reads, running, doing.persons), row, past, doing)
  try {
    await persist({ row, doing, how })
  } catch (error) {
    if (error instanceof StaleClaim) return
    // What was done stays recorded; what could not be committed is this journey's failure and nobody else's.
    const failed: How = { is: 'failed', error: error as Error }
    const done = {
      ...nothingYet(row, doing.persons),
      steps: doing.steps.filter(step => step.kind === 'step' || step.kind === 'question'),
    }
    await persist({ row, doing: done, how: failed }).catch(() =>
      persist({ row, doing: nothingYet(row, doing.persons), how: failed }),
    )
  }
  if (doing.births.length + doing.closes.length > 0) running.poke('deliver')
  if (doing.births.length > 0) running.poke('journeys')
  if (doing.steps.length > 0) running.poke('announce')
}

/** Effects that are done keep their results and wait for the database, rather than be done again. */
async function persistAll(running: Running, all: readonly Run[]): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await running.db.transaction(tx => commit(tx, running, all))
    } catch (error) {
      if (!running.isAway(error) || tries > 240) throw error
      await running.host.sleep(500)
    }
  }
}

async function execute(running: Running, reads: Reads, row: StartedRow, past: Past, doing: Doing): Promise<How> {
  const suspension = new Suspension()
  try {
    const workflow = running.plan.workflows.get(row.workflow)
    if (!workflow) throw new CodeChanged(`The project has no workflow "${row.workflow}" any more`)
    await countCheckpoints(running, reads, row, doing.counted)
    const contract = contractNamed(running.plan, workflow.startsWhen.contract)
    const run = workflow.run(
      hydrate(contract, row.ref, row.start) as never,
      toolsFor(running, reads, row, past, doing, suspension) as never,
    )
    run.catch(() => undefined)
    return await Promise.race([
      run.then((): How => ({ is: 'done' })),
      suspension.happened.then((): How => ({ is: doing.putOff.length > 0 ? 'put off' : 'suspended' })),
    ])
  } catch (error) {
    // Other strands may be in the middle of something: it is finished, and known, before anything is decided.
    await suspension.idle()
    if (error instanceof Stopped) return stopped(doing, error)
    return { is: 'failed', error: error as Error }
  }
}

/**
 * What was done is undone in reverse; an undo that is a wish to close is carried out like any delivery. What this very
 * run would have opened is not opened; what is being opened is waited for, since nobody knows yet what to undo.
 */
async function stopped(doing: Doing, by: Stopped): Promise<How> {
  const unborn = new Set(doing.births.splice(0).map(birth => birth.ref))
  if (doing.waits.some(wait => wait.for === 'opening' && !unborn.has(wait.ref))) return { is: 'suspended' }
  doing.waits.length = 0
  for (const undo of doing.undos.toReversed()) {
    try {
      const wish = (await undo.undo()) as { closed?: { id: string } } | undefined
      if (wish?.closed) doing.closes.push(wish.closed.id)
      doing.undone.push(undo.name)
    } catch (error) {
      return {
        is: 'failed',
        error: new Error(`"${undo.name}" could not be undone after "${by.message}": ${(error as Error).message}`),
      }
    }
  }
  return { is: 'stopped', reason: by.message }
}

class StaleClaim extends Error {}
class AnsweredMeanwhile extends Error {
  override readonly message = 'A task was answered just when its time ran out; the journey runs again'
}

/** Commits runs together; one that cannot be makes all of them be tried alone. */
async function commit(tx: Tx, running: Running, all: readonly Run[]): Promise<void> {
  const waits = all.flatMap(({ doing }) => doing.waits)
  const unanswered = all.flatMap(({ doing }) => doing.unanswered)
  // Records first, then the order of waits, then the journeys: the order that decide keeps too.
  const putOff = all.flatMap(({ doing, how }) => (how.is === 'put off' ? doing.putOff : []))
  const shared = await shareRecords(
    tx,
    [...new Set([...waits.map(wait => wait.ref), ...recordsInTheWay(putOff)])].sort(),
  )
  const around = await bear(tx, running, all)
  await lockWaitOrder(
    tx,
    waits.filter(wait => wait.for === 'all').map(wait => wait.ref),
  )
  await close(
    tx,
    all.flatMap(({ doing }) => doing.closes),
  )
  const mine = await held(
    tx,
    claimables.journey,
    running.lease.worker,
    all.map(({ row }) => row),
  )
  if (mine.size < all.length) throw new StaleClaim()
  await orderWithWaits(tx, around)
  await wakeJourneys(tx, around)
  // Somebody answered in the last moment: the run that took it for no answer does not count.
  if ((await closeUnanswered(tx, unanswered, noAnswer)) < unanswered.length) throw new AnsweredMeanwhile()
  await escalateTasks(
    tx,
    all.flatMap(({ doing }) => doing.escalated.map(one => one.task)),
  )
  const again = await againOf(tx, putOff, shared)
  const progress: Progress[] = []
  for (const { row, doing, how } of all) {
    const isClear = how.is === 'put off' && doing.putOff.some(one => again(one) === 'now')
    const mayWait = how.is === 'put off' || how.is === 'suspended'
    const over = isClear || (mayWait && (await nowPassing(tx, row, doing, shared)))
    const putOffBy = how.is === 'put off' ? waitsOfPutOff(doing.putOff, again, row.tries) : []
    progress.push(await progressHidden(running, doing.persons, progressOf(running, row, doing, how, over, putOffBy)))
  }
  await saveProgress(tx, progress)
  const events = all.map(({ row, doing, how }) =>
    eventsHidden(running, doing.persons, eventsOf(running, row, doing, how)),
  )
  await addEventRows(tx, (await Promise.all(events)).flat())
}

/**
 * Births: the record's first version, derived as its contract says, and the deliveries it needs. Answers what the born
 * point to: who waits for all records about that has to look again.
 */
async function bear(tx: Tx, running: Running, all: readonly Run[]): Promise<readonly string[]> {
  const births = all.flatMap(({ row, doing }) => doing.births.map(birth => ({ row, birth, systems: doing.systems })))
  if (births.length === 0) return []
  for (const { contract, role } of births.map(({ birth }) => birth))
    if ((contract.options.livesIn?.[role]?.lives ?? 'where found') === 'where found')
      throw new Error(`The contract ${contract.contract} does not say that it lives in the role ${role}`)
  const at = new Date(running.host.now()).toISOString()
  const records = births.map(({ row, birth, systems }) => {
    const { fields, bornIn, goes } = birth
    const source = {
      system: row.workflow,
      at,
      by: `journey ${row.journey}`,
      build: running.build,
      ...(birth.from !== undefined && { from: birth.from }),
      ...(goes !== undefined && { goes }),
    }
    const homes = homesOf(running.plan, birth.contract, { ref: birth.ref, fields, born_in: bornIn ?? null })
    for (const home of homes) systems.add(home.name)
    return {
      birth,
      homes,
      due: row.started_at,
      ref: birth.ref,
      contract: birth.contract.contract,
      contractVersion: birth.contract.options.version ?? 1,
      version: 1,
      fields,
      about: aboutOf(birth.contract, fields),
      names: namesOf(birth.contract, fields),
      formerNames: [],
      born: true,
      bornIn,
      delta: fields,
      cause: { ...source, step: birth.step },
      quiet: false,
    }
  })
  const born = await bearRecords(
    tx,
    records.map(({ birth: _, homes: __, due: ___, ...record }) => record),
  )
  await markDeliveries(
    tx,
    records.flatMap(({ birth: { ref, contract }, homes, due }) =>
      born.has(ref) ? homes.map(home => ({ ref, system: home.name, contract: contract.contract, wanted: 1, due })) : [],
    ),
  )
  return [...new Set(records.flatMap(({ ref, about }) => (born.has(ref) ? about : [])))]
}

async function close(tx: Tx, refs: readonly string[]): Promise<void> {
  if (refs.length === 0) return
  const homes = await homesOrDeliveries(tx, refs)
  const records = new Map((await readRecords(tx, refs)).map(record => [record.ref, record]))
  await markDeliveries(
    tx,
    refs.flatMap(ref => {
      const record = records.get(ref)
      return record
        ? (homes.get(ref) ?? []).map(system => ({
            ref,
            system,
            contract: record.contract,
            wanted: record.version,
            close: true,
          }))
        : []
    }),
  )
}

/** The second half of "no lost wake-up": what is waited for is tested once more, on what nobody can change before we commit. */
async function nowPassing(tx: Tx, row: JourneyRow, doing: Doing, shared: readonly StoredRecord[]): Promise<boolean> {
  const byRef = new Map(shared.map(record => [record.ref, record]))
  for (const wait of doing.waits) {
    const record = byRef.get(wait.ref)
    // Another is it by now, which nobody would wake this one for.
    if (wait.for !== 'opening' && typeof record?.alias_of === 'string') return true
    if (wait.for === 'record' && record && wait.passes([record])) return true
    if (wait.for === 'all' && wait.passes(await recordsAbout(tx, wait.ref, wait.of))) return true
    if (wait.for === 'opening' && record && (await isIn(tx, wait.ref, wait.systems))) return true
    if (
      wait.for === 'answer' &&
      (await tasksOf(tx, [row.journey])).some(task => task.name === wait.name && task.answer !== null)
    )
      return true
  }
  return false
}

function progressOf(
  running: Running,
  row: StartedRow,
  doing: Doing,
  how: How,
  over: boolean,
  putOffBy: readonly NewWait[],
): Progress {
  const reached = Object.fromEntries(doing.reached)
  const base = {
    journey: row.journey,
    reached,
    checkpoint: furthest(running, row, reached),
    lateAt: nextCheckpointDue(running, row, reached, doing.counted),
    counted: Object.fromEntries(doing.counted),
    steps: doing.steps,
    tasks: doing.tasks,
    waits: [] as NewWait[],
    isCutShort: false,
    undone: doing.undone,
    reason: null as string | null,
    todo: null as string | null,
    tries: 0,
    dueInMs: null,
    waitsFor: null,
    systems: [...doing.systems].sort(),
  }
  switch (how.is) {
    case 'done':
      return { ...base, state: 'done', lateAt: null }
    case 'stopped':
      return { ...base, state: 'stopped', lateAt: null, reason: how.reason, undone: doing.undone }
    case 'put off': {
      // The other strands' waits stand beside it, as old as they are.
      const others = rowsOf(doing)
      if (over) return { ...base, state: 'ready', waits: others, dueInMs: 0 }
      return {
        ...base,
        state: 'waiting',
        // Who is woken has not tried in vain.
        tries: putOffBy.some(wait => wait.due_in_ms !== null) ? row.tries + 1 : 0,
        reason: doing.putOff[0]?.message ?? null,
        todo: doing.putOff[0]?.todo ?? null,
        dueInMs: Math.min(dueOfPutOff(row.journey, putOffBy), ...dueOf(others)),
        waitsFor: waitsForFirst(doing),
        waits: [...others, ...putOffBy],
      }
    }
    case 'failed': {
      logFailure(running, row, doing.persons, how.error)
      const isStuck = row.tries >= 4 || how.error instanceof CodeChanged
      return {
        ...base,
        isCutShort: true,
        state: isStuck ? 'stuck' : 'waiting',
        waitsFor: isStuck ? 'person' : 'retry',
        tries: row.tries + 1,
        dueInMs: 500 * 2 ** row.tries,
        reason: `The workflow failed: ${how.error.message}`,
        todo: 'Mend the workflow or the record, then retry the journey: it goes on from its last step',
      }
    }
    case 'suspended': {
      const waits = rowsOf(doing)
      const due = dueOf(waits)
      if (over) return { ...base, state: 'ready', waits, dueInMs: 0 }
      const dueInMs = due.length > 0 ? Math.min(...due) : null
      return { ...base, state: 'waiting', waitsFor: waitsForFirst(doing), waits, dueInMs, ...overdue(doing) }
    }
  }
}

const rowsOf = ({ waits }: Doing): NewWait[] =>
  waits.map(wait => ({
    name: wait.name,
    ref: wait.ref,
    due_in_ms: wait.dueInMs,
    changes_only: wait.for === 'record' || wait.for === 'all',
  }))
const dueOf = (waits: readonly NewWait[]): number[] => waits.flatMap(wait => wait.due_in_ms ?? [])

/** Of several strands the one that a person would look at first. Only systems put a journey off. */
function waitsForFirst({ waits, putOff }: Doing): 'answer' | 'system' | 'record' {
  if (waits.some(wait => wait.for === 'answer')) return 'answer'
  return putOff.length > 0 || waits.some(wait => wait.for === 'opening') ? 'system' : 'record'
}

/** The last checkpoint reached, in the workflow's order. */
const furthest = (running: Running, row: JourneyRow, reached: Readonly<Record<string, string>>): string | null =>
  running.plan.workflows.get(row.workflow)?.checkpoints.findLast(checkpoint => checkpoint in reached) ?? row.checkpoint

function eventsOf(running: Running, row: JourneyRow, doing: Doing, how: How): Event[] {
  const about = {
    journey: row.journey,
    workflow: row.workflow,
    title: row.title,
    opened: doing.opened.map(({ contract, ref, fields }) => ({ contract, ref, number: fields.number ?? null })),
  }
  const event = (type: string, data: object): Event => ({
    id: running.host.uuid(),
    type,
    subject: row.ref,
    data: { ...about, ...data },
  })
  const checkpoints = [...doing.reached].filter(([checkpoint]) => !(checkpoint in row.reached))
  return [
    ...checkpoints.map(([checkpoint, at]) =>
      event('journey.checkpoint', { checkpoint, sinceStartMs: Date.parse(at) - row.started_at.getTime() }),
    ),
    ...doing.tasks.map(task => event('task.asked', { task: task.task, desk: task.desk, question: task.question })),
    ...doing.escalated.map(one => event('task.escalated', one)),
    ...(how.is === 'done' ? [event('journey.done', {})] : []),
    ...(how.is === 'stopped' ? [event('journey.stopped', { reason: how.reason })] : []),
  ]
}

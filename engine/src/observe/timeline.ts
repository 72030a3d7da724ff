// The timeline of a story, gathered from the rows of each stage and put in the order of time.
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'
import type { StoryRecord } from './cast.ts'
import type { JourneyLine } from './journeys.ts'
import { type Payload, type Payloads, payloadsOf } from './payload.ts'
import { answerWords, labelOf, waitWords } from './words.ts'

/** What a moment is about. */
type MomentKind = 'heard' | 'record' | 'delivery' | 'step' | 'wait' | 'task' | 'checkpoint' | 'journey'

export type Moment = {
  readonly at: Date
  readonly kind: MomentKind
  /** For people. */
  readonly sentence: string
  readonly ref?: string
  readonly journey?: string
  readonly system?: string
  readonly durationMs?: number
  /** What came from a system or went to one, before and after mapping. */
  readonly payload?: Payload
  /** The facts behind the sentence. */
  readonly facts: Readonly<Record<string, unknown>>
}

const MOST_MOMENTS = 1_000
type Facts = Readonly<Record<string, unknown>>

/** Uses link_of and change_of, partition by partition. */
const heardOf: Query = {
  name: 'timeline-heard',
  text: `
    select c.id, c.at, c.system, c.object, c.native_id as "nativeId", c.body, l.ref
    from link l
    join change c on c.system = l.system and c.object = l.object and c.native_id = l.native_id
    where l.ref = any($1::text[])
    order by c.at
    limit $2`,
}
type HeardRow = { id: string; at: Date; system: string; object: string; nativeId: string; body: Facts; ref: string }

/** Uses the primary key of record_version. */
const versionsOf: Query = {
  name: 'timeline-versions',
  text: `
    select ref, version, at, fields, cause, quiet
    from record_version
    where ref = any($1::text[])
    order by at
    limit $2`,
}
type VersionRow = { ref: string; version: number; at: Date; fields: Facts; cause: Facts; quiet: boolean }

/** Uses attempt_of. */
const attemptsOf: Query = {
  name: 'timeline-attempts',
  text: `
    select id, at, ref, system, version, kind, request, ended_at as "endedAt", ended, reason
    from attempt
    where ref = any($1::text[])
    order by at
    limit $2`,
}
type AttemptRow = {
  id: string
  at: Date
  ref: string
  system: string
  version: number
  kind: 'create' | 'update' | 'close'
  request: Facts
  endedAt: Date | null
  ended: string | null
  reason: string | null
}

/** Uses the primary key of step. */
const stepsOf: Query = {
  name: 'timeline-steps',
  text: `
    select journey, name, kind, result, began_at as "beganAt", at, undone_at as "undoneAt"
    from step
    where journey = any($1::text[]) and kind not in ('checkpoint', 'start')
    order by at, n
    limit $2`,
}
type StepRow = {
  journey: string
  name: string
  kind: string
  result: unknown
  beganAt: Date
  at: Date
  undoneAt: Date | null
}

/** Uses the primary key of wait. */
const waitsOf: Query = {
  name: 'timeline-waits',
  text: `
    select journey, name, ref, began_at as "beganAt", due_at as "dueAt"
    from wait
    where journey = any($1::text[]) and ref not like 'task:%' and ref not like 'system:%'
    order by began_at`,
}
type WaitRow = { journey: string; name: string; ref: string; beganAt: Date; dueAt: Date | null }

/** Uses the unique index of task (journey, name). */
const tasksOf: Query = {
  name: 'timeline-tasks',
  text: `
    select task, journey, desk, question, answers, facts, asked_at as "askedAt", due_at as "dueAt",
           answer, answered_by as "answeredBy", answered_at as "answeredAt", comment,
           escalates_to as "escalatesTo", escalated_at as "escalatedAt"
    from task
    where journey = any($1::text[])
    order by asked_at`,
}
type TaskRow = {
  task: string
  journey: string
  desk: string
  question: string
  answers: readonly string[]
  facts: Facts
  askedAt: Date
  dueAt: Date | null
  answer: string | null
  answeredBy: string | null
  answeredAt: Date | null
  comment: string | null
  escalatesTo: string | null
  escalatedAt: Date | null
}

/** Uses the primary key of journey. */
const reachedBy: Query = {
  name: 'timeline-reached',
  text: `
    select j.journey, c.key as checkpoint, c.value::timestamptz as at
    from journey j, jsonb_each_text(j.reached) c
    where j.journey = any($1::text[])`,
}
type ReachedRow = { journey: string; checkpoint: string; at: Date }

/** Of two moments in the same instant the cause stands first. */
const ORDER: readonly Moment['kind'][] = [
  'heard',
  'record',
  'journey',
  'checkpoint',
  'task',
  'step',
  'delivery',
  'wait',
]

export async function timelineOf(
  tx: Tx,
  plan: Plan,
  journeys: readonly JourneyLine[],
  records: readonly StoryRecord[],
): Promise<{ timeline: readonly Moment[]; shortened: boolean }> {
  const of = records.map(record => record.ref)
  const names = journeys.map(journey => journey.journey)
  const titles = new Map(records.map(record => [record.ref, record]))
  const heard = await tx.query<HeardRow>(heardOf, [of, MOST_MOMENTS])
  const versions = await tx.query<VersionRow>(versionsOf, [of, MOST_MOMENTS])
  const attempts = await tx.query<AttemptRow>(attemptsOf, [of, MOST_MOMENTS])
  const steps = await tx.query<StepRow>(stepsOf, [names, MOST_MOMENTS])
  const payloads = await payloadsOf(tx, plan, ref => titles.get(ref)?.contract, heard, versions)
  const timeline = [
    ...heard.map(row => heardMoment(plan, row, titles, payloads)),
    ...versions.map(row => versionMoment(plan, row, titles)),
    ...attempts.map(row => attemptMoment(row, titles, payloads)),
    ...steps.flatMap(stepMoments),
    ...(await tx.query<WaitRow>(waitsOf, [names])).map(row => waitMoment(row, titles)),
    ...(await tx.query<TaskRow>(tasksOf, [names])).flatMap(taskMoments),
    ...(await tx.query<ReachedRow>(reachedBy, [names])).map(reachedMoment),
    ...journeys.flatMap(journeyMoments),
  ]
  timeline.sort((a, b) => a.at.getTime() - b.at.getTime() || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
  const shortened = [heard, versions, attempts, steps].some(rows => rows.length === MOST_MOMENTS)
  return { timeline, shortened }
}

type Titles = ReadonlyMap<string, StoryRecord>
const titleIn = (titles: Titles, ref: string): string => titles.get(ref)?.title ?? ref

/** `Status and Total`; of many the first ones. */
function listed(names: readonly string[]): string {
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}

/** What came in, in the order in which it matters: whose change, of what, and which fields it speaks of. */
function heardMoment(plan: Plan, row: HeardRow, titles: Titles, payloads: Payloads): Moment {
  const { at, ref, system, object, nativeId, body, id } = row
  const own = body.by !== undefined && body.by === plan.systems.get(system)?.signsAs
  const sentence = `${system} told${own ? ' of our own change' : ''}: ${object} ${nativeId}${heardWords(body)} (${titleIn(titles, ref)})`
  const { fields: _, raw: __, ...facts } = body
  const payload = payloads.ofTold(row)
  return {
    at,
    kind: 'heard',
    sentence,
    ref,
    system,
    facts: { change: id, object, nativeId, ...facts },
    ...(payload && { payload }),
  }
}

function heardWords({ kind, mask, entryOf }: Facts): string {
  const entry =
    typeof entryOf === 'object' && entryOf !== null && 'list' in entryOf ? `, an entry of ${entryOf.list},` : ''
  if (kind === 'gone') return `${entry} is gone`
  if (kind === 'look again') return `${entry} has changed, and was read again`
  return `${entry} ${Array.isArray(mask) ? `has ${listed(mask.map(String))}` : 'was read whole'}`
}

function versionMoment(plan: Plan, { at, ref, version, fields, cause, quiet }: VersionRow, titles: Titles): Moment {
  const contract = titles.get(ref)?.contract ?? ''
  const system = typeof cause.system === 'string' ? cause.system : undefined
  const left = (cause.leftEmpty ?? {}) as Readonly<Record<string, string>>
  const labels = (all: readonly string[]): string => listed(all.map(field => labelOf(plan, contract, field)))
  const changed = Object.keys(fields).filter(field => !(field in left))
  const what = version === 1 ? 'begins with' : 'changes:'
  const words = [
    ...(changed.length > 0 || version === 1 ? [`${what} ${labels(changed)}${system ? `, from ${system}` : ''}`] : []),
    ...(Object.keys(left).length > 0 ? [`stays without ${labels(Object.keys(left))}, as its owner leaves it`] : []),
  ]
  const goes = typeof cause.goes === 'string' ? `; ${cause.goes}` : ''
  return {
    at,
    kind: 'record',
    sentence: `${titleIn(titles, ref)} ${words.join('; ')}${goes}`,
    ref,
    ...(system && { system }),
    facts: { version, fields, cause, quiet },
  }
}

const VERBS = { create: 'Create', update: 'Update', close: 'Close' } as const
const ENDS: Readonly<Record<string, string>> = {
  written: 'written',
  refused: 'refused',
  unavailable: 'not done, to be tried again',
  unknown: 'no answer, to be looked up',
}

function attemptMoment(row: AttemptRow, titles: Titles, payloads: Payloads): Moment {
  const { at, ref, system, ...attempt } = row
  const end = attempt.ended === null ? 'under way' : (ENDS[attempt.ended] ?? attempt.ended)
  const why = attempt.reason ? `: ${attempt.reason}` : ''
  const { id, version, kind, request, endedAt, ended, reason } = attempt
  const { object, id: nativeId } = request
  const payload = payloads.ofSent(row)
  return {
    at,
    kind: 'delivery',
    sentence: `${VERBS[kind]} ${titleIn(titles, ref)} in ${system}: ${end}${why}`,
    ref,
    system,
    ...(endedAt && { durationMs: endedAt.getTime() - at.getTime() }),
    facts: { attempt: id, version, kind, end: ended, reason, object, nativeId },
    ...(payload && { payload }),
  }
}

function stepMoments({ journey, name, kind, result, beganAt, at, undoneAt }: StepRow): Moment[] {
  const facts = { name, kind, result }
  const durationMs = at.getTime() - beganAt.getTime()
  const done: Moment = {
    at,
    kind: 'step',
    sentence: stepWords(name, kind, result),
    journey,
    durationMs,
    facts,
  }
  return undoneAt ? [done, { at: undoneAt, kind: 'step', sentence: `${name}: undone`, journey, facts }] : [done]
}

function stepWords(name: string, kind: string, result: unknown): string {
  if (kind === 'until') return `Waited ${waitWords(name)}`
  return `${name}: ${kind === 'question' ? answerWords(result) : 'done'}`
}

const waitMoment = ({ journey, name, ref, beganAt, dueAt }: WaitRow, titles: Titles): Moment => ({
  at: beganAt,
  kind: 'wait',
  sentence: `Waits for ${titleIn(titles, ref)}: ${waitWords(name)}`,
  ref,
  journey,
  facts: { name, until: dueAt },
})

function taskMoments({ askedAt, answeredAt, journey, ...task }: TaskRow): Moment[] {
  const { desk, question, answer, answeredBy, comment, escalatesTo, escalatedAt } = task
  const moment = (at: Date, sentence: string): Moment => ({ at, kind: 'task', sentence, journey, facts: task })
  const answered = answeredBy
    ? `${answeredBy} answers "${answer}" for the ${desk}${comment ? `: ${comment}` : ''}`
    : `Nobody answers in time: "${answer}"`
  return [
    moment(askedAt, `Asks the ${desk}: ${question}`),
    ...(escalatedAt ? [moment(escalatedAt, `Asks the ${escalatesTo} too: no answer of the ${desk} yet`)] : []),
    ...(answeredAt ? [moment(answeredAt, answered)] : []),
  ]
}

const reachedMoment = ({ journey, checkpoint, at }: ReachedRow): Moment => ({
  at,
  kind: 'checkpoint',
  sentence: checkpoint,
  journey,
  facts: { checkpoint },
})

function journeyMoments({ journey, workflow, title, startedAt, endedAt, state, reason }: JourneyLine): Moment[] {
  const facts = { workflow, state, reason }
  const start: Moment = { at: startedAt, kind: 'journey', sentence: `${title}: ${workflow} starts`, journey, facts }
  if (!endedAt) return [start]
  const end = state === 'done' ? 'is done' : `was stopped${reason ? `: ${reason}` : ''}`
  return [start, { at: endedAt, kind: 'journey', sentence: `${title}: ${workflow} ${end}`, journey, facts }]
}

// Which of the systems that fill a role a journey's question or birth goes to; and what is in the way where none of them serves it.
import type { AnyContract, Field, Route } from '@plumbline/sdk'
import { titleOf } from '../kernel/naming.ts'
import type { Plan, SystemPlan } from '../kernel/plan.ts'
import { instanceFor, routeFor, type Stay, stayOf, takenFrom, whyNowhere, whyThere } from '../kernel/routes.ts'
import type { JourneyRow, StoredRecord } from '../kernel/rows.ts'
import { Unanswered } from '../kernel/unanswered.ts'
import type { Running } from '../running.ts'
import type { Reads } from './reads.ts'
import { type InTheWay, PutOff } from './suspend.ts'

type Fields = Readonly<Record<string, unknown>>
type Ref = { readonly contract: string; readonly id: string }
type Question = { readonly asked: string; readonly role: string; readonly question: Fields }

/** What decides: a value, and the record that has it, where it is not said outright. */
type Deciding = { readonly value: unknown; readonly label: string; readonly record?: StoredRecord | undefined }

const retryMs = 60_000

/** Who answers a question, and what the journey keeps of it where it stays there from now on. */
export type Whom = { readonly system: SystemPlan; readonly stay?: Stay }

/** Throws Unanswered where no system serves what the question is about. `stays` are those of the journey that asks. */
export async function whoAnswers(
  running: Running,
  reads: Reads,
  put: Question,
  stays: readonly Stay[] = [],
): Promise<Whom> {
  const whom = await whomToAsk(running, reads, put, stays)
  if (whom.system.instance.answers.some(answer => answer.question === put.asked)) return whom
  throw new Error(`${whom.system.name} does not say how it answers "${put.asked}"`)
}

async function whomToAsk(
  { plan }: Running,
  reads: Reads,
  { asked, role, question }: Question,
  stays: readonly Stay[],
): Promise<Whom> {
  const { route, named, stay, record, value } = await decidingOf(plan, reads, role, question, stays)
  if (stay) {
    // What the record says of a person is to be known, and so sealed where the answer says it again.
    if (named) await reads.survivor(named.id)
    const system = systemOf(plan, stay)
    // Kept once more: the question that it comes from may not be answered in this run.
    if (system) return { system, stay }
    const { reason, todo } = whyGone(stay)
    throw new Unanswered('not routed', role, reason, { todo, retryInMs: retryMs })
  }
  const system = instanceFor(plan, role, value)
  if (system) {
    const by = route && named && { ref: named.id, field: route.by, value: value ?? null }
    return {
      system,
      ...((by || !route) && { stay: { question: asked, role, system: system.name, ...(by && { by }) } }),
    }
  }
  if (!route) throw new Error(`No system of the role ${role} is there to answer "${asked}"`)
  const asks = plan.project.roles.find(one => one.role === role)?.answers.find(one => one.question === asked)?.asks
  const label = (named ? fieldOf(plan, named, route) : asks?.[route.by])?.label ?? route.by
  const { reason, todo } = nowhere(plan, route, { value, label, record }, 'What is asked')
  throw new Unanswered('not routed', role, reason, {
    todo,
    retryInMs: retryMs,
    field: route.by,
    value,
    ...(record && { ref: record.ref }),
  })
}

/**
 * The system that a record of the journey goes to: the one that answered the journey, whichever of its records that was about; else as
 * a question would that said what the record says.
 */
export async function systemFor(
  { plan }: Running,
  reads: Reads,
  role: string,
  fields: Fields,
  stays: readonly Stay[],
): Promise<SystemPlan | undefined> {
  const stay = stays.find(one => one.role === role)
  if (stay) return systemOf(plan, stay)
  const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
  const { value } = await decidingOf(plan, reads, role, said, [])
  return instanceFor(plan, role, value)
}

/** What decides: where the journey stays; else a value that is said outright, or that the first record has which is named. */
async function decidingOf(plan: Plan, reads: Reads, role: string, fields: Fields, stays: readonly Stay[]) {
  const route = routeFor(plan, role)
  const said = fields[route?.by ?? '']
  const named = route && said === undefined ? namedIn(plan, route, fields) : undefined
  const stay = said === undefined ? stayOf(stays, role, named?.id) : undefined
  const record = named && !stay ? await reads.survivor(named.id) : undefined
  return { route, named, stay, record, value: named ? record?.fields[route?.by ?? ''] : said }
}

/** The first record that a question names and that has the field. */
const namedIn = (plan: Plan, route: Route, question: Fields): Ref | undefined =>
  refsIn(question).find(ref => fieldOf(plan, ref, route))

const fieldOf = (plan: Plan, { contract }: Ref, { by }: Route): Field<unknown> | undefined =>
  plan.contracts.get(contract)?.fields[by]

const systemOf = (plan: Plan, { role, system }: Stay): SystemPlan | undefined =>
  plan.systemsOfRole.get(role)?.find(one => one.name === system)

/** Another system's prices and credit are not those of this journey: it waits for its own. */
const whyGone = ({ question, system }: Stay): { reason: string; todo: string } => ({
  reason: `This journey's ${question} was asked in ${system}, which the project no longer has`,
  todo: `Take ${system} into the project again`,
})

const refsIn = (value: unknown): Ref[] => {
  if (typeof value !== 'object' || value === null) return []
  if ('contract' in value && 'id' in value) return [{ contract: String(value.contract), id: String(value.id) }]
  return Object.values(value).flatMap(refsIn)
}

function nowhere(plan: Plan, { role }: Route, { value, label, record }: Deciding, otherwise: string) {
  const contract = record && plan.contracts.get(record.contract)
  return whyNowhere(record && contract ? titleOf(contract, record) : otherwise, label, value, role)
}

// ---- births

type Birth = {
  readonly contract: AnyContract
  readonly role: string
  readonly from: Ref | undefined
  readonly with: Fields
}

type Started = Pick<JourneyRow, 'ref' | 'title'> & { readonly start: Fields }

/** The fields that a record is born with; of a routed one also the system, and why that one. */
export type Begins = { readonly fields: Fields; readonly bornIn?: string; readonly goes?: string | undefined }

/**
 * How a record is born, as its contract derives it and whoever opens it says; or why no system of the role takes it. All is as it was
 * when the journey began, but for what decides where it goes: that may have been corrected since. Where that would lead away from the
 * system that the journey asked, it is born there as it was then.
 */
export async function atBirth(
  { plan }: Running,
  reads: Reads,
  birth: Birth,
  journey: Started,
  stays: readonly Stay[],
): Promise<Begins | PutOff> {
  const { contract, role, from, with: own } = birth
  const source = from && (from.id === journey.ref ? journey.start : ((await reads.survivor(from.id))?.fields ?? {}))
  const pointedTo = new Map<string, StoredRecord>()
  for (const name of pointersIn(contract)) {
    const id = idIn(source?.[name])
    const record = id === undefined ? undefined : await reads.survivor(id)
    if (record) pointedTo.set(name, record)
  }
  const fields = {
    ...(source && derived(contract, { ...source, ref: { contract: from.contract, id: from.id } }, pointedTo)),
    ...own,
  }
  if (contract.options.livesIn?.[role]?.lives !== 'routed') return { fields }
  const { isSaid, field, named, record, value: now } = await decidingBirth(plan, reads, birth, source, pointedTo)
  const today = instanceFor(plan, role, now)
  const kept = isSaid ? undefined : stayOf(stays, role, named)
  // Where both are the same system, a value that was corrected is the better one.
  const stay = kept?.system === today?.name ? undefined : kept
  const system = stay ? systemOf(plan, stay) : today
  const route = routeFor(plan, role)
  if (!system && stay) {
    const { reason, todo } = whyGone(stay)
    return notRouted(reason, todo, { is: 'route', role, ref: undefined, field, value: now })
  }
  if (!system && route) {
    const label = contract.fields[route.by]?.label ?? route.by
    const { reason, todo } = nowhere(plan, route, { value: now, label, record }, journey.title)
    return notRouted(reason, todo, { is: 'route', role, ref: record?.ref, field, value: now })
  }
  if (!system) return { fields }
  // As it was when the journey began it may have led elsewhere: a record is born with the value that decided.
  const value = stay?.by && stay.by.field === route?.by ? stay.by.value : now
  return {
    fields: route ? { ...fields, [route.by]: value ?? null } : fields,
    bornIn: system.name,
    goes: whyThere(plan, contract, system, now, stay),
  }
}

/** What decides where a record is born: what whoever opens it says, or the field of a record that it is taken over from. */
async function decidingBirth(
  plan: Plan,
  reads: Reads,
  { contract, role, from, with: own }: Birth,
  source: Fields | undefined,
  pointedTo: ReadonlyMap<string, StoredRecord>,
) {
  const by = routeFor(plan, role)?.by ?? ''
  const { pointer, field } = takenFrom(contract, by)
  if (by in own || pointer === '') return { isSaid: by in own, field: pointer, value: own[by] }
  if (field !== undefined) {
    const record = pointedTo.get(pointer)
    return { isSaid: false, field, named: idIn(source?.[pointer]), record, value: record?.fields[field] }
  }
  const record = from && (await reads.survivor(from.id))
  return { isSaid: false, field: pointer, named: from?.id, record, value: record?.fields[pointer] }
}

/** What is in the way of a question or a birth that no system serves. */
export const notRouted = (reason: string, todo: string, because: Extract<InTheWay, { is: 'route' }>): PutOff =>
  new PutOff(reason, `${todo}; the journey then goes on by itself`, retryMs, because)

/** Fields of the other record under our names: `ref` is the other record itself, `customer.legalEntity` a field of what it refers to. */
const derived = (contract: AnyContract, other: Fields, pointedTo: ReadonlyMap<string, StoredRecord>): Fields =>
  Object.fromEntries(
    Object.entries(contract.options.from?.fields ?? {}).flatMap(([name, theirs]) => {
      const { pointer, field } = takenFrom(contract, name)
      const value =
        theirs === null ? undefined : field === undefined ? other[pointer] : pointedTo.get(pointer)?.fields[field]
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** The refs of the other record through which something is taken over. */
const pointersIn = (contract: AnyContract): string[] => {
  const taken = Object.keys(contract.options.from?.fields ?? {}).map(name => takenFrom(contract, name))
  return [...new Set(taken.flatMap(({ pointer, field }) => (field === undefined ? [] : pointer)))]
}

const idIn = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : undefined

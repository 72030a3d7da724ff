// Which of the systems that fill a role a journey's question or birth goes to; and what is in the way where none of them serves it.
import type { AnyContract, Field, Route } from '@plumbline/sdk'
import { titleOf } from '../kernel/naming.ts'
import type { SystemPlan } from '../kernel/plan.ts'
import { instanceFor, routeFor, takenFrom, whyNowhere } from '../kernel/routes.ts'
import type { JourneyRow, StoredRecord } from '../kernel/rows.ts'
import { Unanswered } from '../kernel/unanswered.ts'
import type { Running } from '../running.ts'
import type { Reads } from './reads.ts'
import { type InTheWay, PutOff } from './suspend.ts'

type Fields = Readonly<Record<string, unknown>>
type Ref = { readonly contract: string; readonly id: string }

/** What decides: a value, and the record that has it, where it is not said outright. */
type Deciding = { readonly value: unknown; readonly label: string; readonly record?: StoredRecord | undefined }

const retryMs = 60_000

/** Throws Unanswered where no system serves what the question is about. */
export async function whoAnswers(
  running: Running,
  reads: Reads,
  { asked, role, question }: { readonly asked: string; readonly role: string; readonly question: Fields },
): Promise<SystemPlan> {
  const route = routeFor(running.plan, role)
  const asks = running.plan.project.roles
    .find(one => one.role === role)
    ?.answers.find(one => one.question === asked)?.asks
  const label = asks?.[route?.by ?? '']?.label ?? route?.by ?? ''
  const deciding = route && (await decidingOf(running, reads, route, question, label))
  const system = instanceFor(running.plan, role, deciding?.value)
  if (system?.instance.answers.some(answer => answer.question === asked)) return system
  if (system || !route || !deciding)
    throw new Error(`${system?.name ?? `No system of the role ${role}`} does not say how it answers "${asked}"`)
  const { reason, todo } = nowhere(running, route, deciding, 'What is asked')
  throw new Unanswered('not routed', role, reason, {
    todo,
    retryInMs: retryMs,
    field: route.by,
    value: deciding.value,
    ...(deciding.record && { ref: deciding.record.ref }),
  })
}

/** What a question says itself, else the first record that it names and that has the field. */
async function decidingOf(
  { plan }: Running,
  reads: Reads,
  { by }: Route,
  question: Fields,
  label: string,
): Promise<Deciding> {
  if (question[by] !== undefined) return { value: question[by], label }
  for (const ref of refsIn(question)) {
    const field: Field<unknown> | undefined = plan.contracts.get(ref.contract)?.fields[by]
    if (!field) continue
    const record = await reads.survivor(ref.id)
    return { value: record?.fields[by], label: field.label, record }
  }
  return { value: undefined, label }
}

const refsIn = (value: unknown): Ref[] => {
  if (typeof value !== 'object' || value === null) return []
  if ('contract' in value && 'id' in value) return [{ contract: String(value.contract), id: String(value.id) }]
  return Object.values(value).flatMap(refsIn)
}

function nowhere({ plan }: Running, { role }: Route, { value, label, record }: Deciding, otherwise: string) {
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

/**
 * The fields that a record is born with, as its contract derives them and whoever opens it says; or why no system of the role takes it.
 * All is as it was when the journey began, but for what decides where it goes: that may have been corrected since.
 */
export async function fieldsAtBirth(
  running: Running,
  reads: Reads,
  { contract, role, from, with: own }: Birth,
  journey: Started,
): Promise<{ fields: Fields } | PutOff> {
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
  const route = contract.options.livesIn?.[role]?.lives === 'routed' ? routeFor(running.plan, role) : undefined
  if (!route) return { fields }
  const { pointer, field } = takenFrom(contract, route.by)
  const isSaid = route.by in own || pointer === ''
  const record = isSaid
    ? undefined
    : field === undefined
      ? await reads.survivor(from?.id ?? '')
      : pointedTo.get(pointer)
  const name = field ?? pointer
  const value = isSaid ? fields[route.by] : record?.fields[name]
  const system = instanceFor(running.plan, role, value)
  const label = contract.fields[route.by]?.label ?? route.by
  // As it was when the journey began it may have led elsewhere: a record is born with the value that decided.
  if (system) return { fields: { ...fields, [route.by]: value ?? null } }
  const { reason, todo } = nowhere(running, route, { value, label, record }, journey.title)
  return notRouted(reason, todo, { is: 'route', role, ref: record?.ref, field: name, value })
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

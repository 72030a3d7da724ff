// Asks the system that answers a question: in its own ids, within its lane, within the question's deadline,
// and not at all while an answer is young enough to be given again.
import { type Fields, milliseconds, Refused, Unavailable } from '@plumbline/sdk'
import { type Kept, keyOf } from '../kernel/answer-cache.ts'
import { isOfLane, LanePaused } from '../kernel/lanes.ts'
import type { SystemPlan } from '../kernel/plan.ts'
import { routeFor, type Stay } from '../kernel/routes.ts'
import { Unanswered } from '../kernel/unanswered.ts'
import type { Running } from '../running.ts'
import type { Reads } from './reads.ts'
import { type Whom, whoAnswers } from './routing.ts'

export type Put = {
  readonly asked: string
  readonly role: string
  /** Refs where the question has records. */
  readonly question: Readonly<Record<string, unknown>>
}

export type Answered = {
  readonly answer: unknown
  readonly system: string
  /** When the system gave it, in epoch milliseconds. */
  readonly at: number
  /** Whether it was given before, to somebody else. */
  readonly isCached: boolean
  readonly tookMs: number
}

const defaultWithin = '10 seconds'
/** Resuming wakes whoever waits; this is only the guarantee. */
const pausedForMs = 600_000
const refusedForMs = 30_000
/** What was linked just now is found at once; after that the link wakes the journey, and this is only the guarantee. */
const unknownForMs = 500

export type How = {
  /** Takes no answer that was given before. */
  readonly fresh?: boolean
  /** Nobody stands waiting: the deadline counts from when the system is asked, not while others go first. */
  readonly patient?: boolean
  /** Where the journey that asks stays. */
  readonly stays?: readonly Stay[]
  /** Hears who is asked. */
  readonly asks?: (whom: Whom) => void
}

/** Throws Unanswered; whatever else it throws is a defect. */
export async function ask(
  running: Running,
  reads: Reads,
  put: Put,
  { fresh = false, patient = false, stays, asks }: How = {},
): Promise<Answered> {
  const whom = await whoAnswers(running, reads, put, stays)
  asks?.(whom)
  const { system } = whom
  const how = system.instance.answers.find(answer => answer.question === put.asked)
  const native = how && system.connector.questions[how.native]
  if (!how || !native) throw new Error(`No system of the role ${put.role} answers "${put.asked}"`)
  const { within = defaultWithin, cache } = questionOf(running, put) ?? {}
  const question = await inNativeIds(running, reads, system, forNative(running, put, native.asks), how.refs)
  const began = running.host.monotonic()
  let isQueued = false
  const deadline = deadlineIn(running, milliseconds(within), () =>
    isQueued ? busy(system, put.asked) : late(system, put, within),
  )
  const call = async (): Promise<Kept> => {
    isQueued = true
    const answer = await withinLane(running, system, put, { patient, until: deadline.signal }, api => {
      isQueued = false
      deadline.begin()
      return native.run(api, question as never)
    })
    return { answer, at: running.host.now() }
  }
  let isCached = cache !== undefined
  const asked = async (): Promise<Kept> => {
    if (!cache) return call()
    return running.answers.get(keyOf(system.name, how.native, question), milliseconds(cache), fresh, () => {
      isCached = false
      return call()
    })
  }
  if (!patient) deadline.begin()
  const { answer, at } = await deadline.of(asked())
  return { answer, at, system: system.name, isCached, tookMs: Math.round(running.host.monotonic() - began) }
}

/** What only says whom to ask is not asked. */
function forNative({ plan }: Running, put: Put, asks: Fields): Put {
  const by = routeFor(plan, put.role)?.by
  if (by === undefined || by in asks) return put
  const { [by]: _, ...question } = put.question
  return { ...put, question }
}

const questionOf = ({ plan }: Running, { role, asked }: Put) =>
  plan.project.roles.find(one => one.role === role)?.answers.find(one => one.question === asked)

async function withinLane(
  running: Running,
  system: SystemPlan,
  { asked }: Put,
  { patient, until }: { readonly patient: boolean; readonly until: AbortSignal },
  call: (api: unknown) => Promise<unknown>,
): Promise<unknown> {
  const lane = running.lane(system)
  try {
    const api = await running.api(system)
    return await lane.run(patient ? 'journey' : 'interactive', async () => call(api), undefined, until)
  } catch (error) {
    throw unanswered(system, asked, error)
  }
}

function unanswered(system: SystemPlan, asked: string, error: unknown): unknown {
  const { name } = system
  if (error instanceof LanePaused)
    return new Unanswered('paused', name, error.message, {
      todo: 'Resume it when it may be called again',
      retryInMs: pausedForMs,
      isOfLane: true,
    })
  if (error instanceof Unavailable)
    return new Unanswered(
      error.tooManyAtOnce ? 'busy' : 'away',
      name,
      `${name} cannot answer "${asked}" now: ${error.message}`,
      { retryInMs: error.retryAfterMs ?? 1_000, isOfLane: isOfLane(error) },
    )
  if (error instanceof Refused)
    return new Unanswered('refused', name, `${name} refuses to answer "${asked}": ${error.message}`, {
      todo: error.todo ?? `Mend it in ${name}`,
      retryInMs: refusedForMs,
    })
  return error
}

const busy = ({ name }: SystemPlan, asked: string): Unanswered =>
  new Unanswered('busy', name, `${name} has no call free for "${asked}": all that it allows at once are under way`, {
    retryInMs: 1_000,
  })

const late = ({ name }: SystemPlan, { asked }: Put, within: string): Unanswered =>
  new Unanswered('late', name, `${name} did not answer "${asked}" within ${within}`, { retryInMs: 1_000 })

/** What comes too late is not waited for, nor waits in the lane; a call that is under way keeps its permit until it ends. */
function deadlineIn({ host }: Running, ms: number, isLate: () => Error) {
  const tooLate = Promise.withResolvers<never>()
  tooLate.promise.catch(() => undefined)
  const waiting = new AbortController()
  let timer: { cancel(): void } | undefined
  return {
    signal: waiting.signal,
    begin(): void {
      timer ??= host.after(ms, () => {
        const error = isLate()
        tooLate.reject(error)
        waiting.abort(error)
      })
    },
    async of<T>(work: Promise<T>): Promise<T> {
      work.catch(() => undefined)
      try {
        return await Promise.race([work, tooLate.promise])
      } finally {
        timer?.cancel()
      }
    },
  }
}

type Ref = { readonly contract: string; readonly id: string }

/** Refs become the system's own ids at its door; one that it does not know is a reason to wait, in business words. */
async function inNativeIds(
  running: Running,
  reads: Reads,
  system: SystemPlan,
  { question }: Put,
  paths: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const refs = [...new Set(paths.flatMap(path => refsAt(question, path.split('.'))))]
  const ids = new Map(
    await Promise.all(refs.map(async ref => [ref.id, await reads.idsIn(system.name, ref.id)] as const)),
  )
  const natives = new Map<string, string>()
  for (const ref of refs) {
    const object = system.byContract.get(ref.contract)?.object
    const id = ids.get(ref.id)?.find(link => link.object === object)?.native_id
    if (id === undefined) throw await unknown(reads, running, system, ref)
    natives.set(ref.id, id)
  }
  return paths.reduce((asked, path) => replaced(asked, path.split('.'), ref => natives.get(ref.id)), question)
}

type Asked = Readonly<Record<string, unknown>>
const isAsked = (value: unknown): value is Asked => typeof value === 'object' && value !== null
const isRef = (value: unknown): value is Ref => isAsked(value) && 'contract' in value && 'id' in value

function refsAt(asked: Asked, [name = '', ...inner]: readonly string[]): readonly Ref[] {
  const value = asked[name]
  if (inner.length === 0) return isRef(value) ? [value] : []
  return Array.isArray(value) ? value.filter(isAsked).flatMap(entry => refsAt(entry, inner)) : []
}

function replaced(asked: Asked, [name = '', ...inner]: readonly string[], by: (ref: Ref) => unknown): Asked {
  const value = asked[name]
  if (inner.length === 0) return isRef(value) ? { ...asked, [name]: by(value) } : asked
  if (!Array.isArray(value)) return asked
  return { ...asked, [name]: value.map(entry => (isAsked(entry) ? replaced(entry, inner, by) : entry)) }
}

async function unknown(reads: Reads, running: Running, system: SystemPlan, ref: Ref): Promise<Unanswered> {
  const contract = running.plan.contracts.get(ref.contract)
  // By the ref that a link will have.
  const record = await reads.survivor(ref.id)
  const name =
    (contract?.options.knownBy ?? []).map(field => record?.fields[field]).find(value => typeof value === 'string') ??
    ref.id
  const kind = ref.contract.charAt(0).toUpperCase() + ref.contract.slice(1)
  const label = contract?.fields[contract.options.match ?? '']?.label ?? 'number'
  return new Unanswered('unknown record', system.name, `${kind} ${String(name)} is not known in ${system.name}`, {
    todo: `Enter its ${label} where it is missing, or create it in ${system.name}`,
    retryInMs: unknownForMs,
    ref: record?.ref ?? ref.id,
    object: system.byContract.get(ref.contract)?.object,
  })
}

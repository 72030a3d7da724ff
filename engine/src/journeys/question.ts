// A question to a role: to the instance that the record's route names, within its lane, before any batch.
import { Refused, Unavailable } from '@plumbline/sdk'
import { LanePaused } from '../kernel/lanes.ts'
import type { SystemPlan } from '../kernel/plan.ts'
import type { Running } from '../running.ts'
import { waitsForSystem } from '../store/follow-up.ts'
import type { Reads } from './reads.ts'
import { PutOff } from './suspend.ts'

export type Put = {
  readonly asked: string
  readonly role: string
  readonly question: Readonly<Record<string, unknown>>
}

export async function answer(running: Running, reads: Reads, put: Put): Promise<unknown> {
  const system = whoAnswers(running, put)
  const how = system.instance.answers.find(answer => answer.question === put.asked)
  const native = how && system.connector.questions[how.native]
  if (!how || !native) throw new Error(`No system of the role ${put.role} answers "${put.asked}"`)
  const question = await inNativeIds(running, reads, system, put, how.refs)
  const lane = running.lane(system)
  try {
    const api = await running.api(system)
    const answered = await lane.run('interactive', () => native.run(api, question as never))
    await lane.succeeded()
    return answered
  } catch (error) {
    if (error instanceof LanePaused)
      throw new PutOff(error.message, 'Resume it when it may be called again', pausedForMs, waitsForSystem(system.name))
    if (error instanceof Unavailable)
      throw new PutOff(
        `${system.name} cannot answer "${put.asked}" now: ${error.message}`,
        'It is asked again by itself',
        error.retryAfterMs ?? Math.max(1_000, lane.closedForMs()),
        waitsForSystem(system.name),
      )
    if (error instanceof Refused)
      throw new PutOff(
        `${system.name} refuses to answer "${put.asked}": ${error.message}`,
        error.todo ?? `Mend it in ${system.name}; it is asked again by itself`,
        30_000,
        waitsForSystem(system.name),
      )
    throw error
  }
}

/** Resuming wakes whoever waits; this is only the guarantee. */
const pausedForMs = 600_000

export function whoAnswers(running: Running, put: Put): SystemPlan {
  const system = (running.plan.systemsOfRole.get(put.role) ?? []).find(system =>
    system.instance.answers.some(answer => answer.question === put.asked),
  )
  if (!system) throw new Error(`No system of the role ${put.role} answers "${put.asked}"`)
  return system
}

/** Refs become the system's own ids at its door; one that it does not know is a reason to wait, in business words. */
async function inNativeIds(
  running: Running,
  reads: Reads,
  system: SystemPlan,
  put: Put,
  refs: readonly string[],
): Promise<Record<string, unknown>> {
  const asked = refs
    .map(name => ({ name, ref: put.question[name] as { contract: string; id: string } | undefined }))
    .filter(one => one.ref !== undefined)
  const ids = new Map(
    await Promise.all(
      asked.map(async ({ ref }) => [ref?.id ?? '', await reads.idsIn(system.name, ref?.id ?? '')] as const),
    ),
  )
  const question: Record<string, unknown> = { ...put.question }
  for (const { name, ref } of asked) {
    if (!ref) continue
    const object = system.byContract.get(ref.contract)?.object
    const id = ids.get(ref.id)?.find(link => link.object === object)?.native_id
    if (id === undefined) throw await unknown(running, system, ref)
    question[name] = id
  }
  return question
}

async function unknown(running: Running, system: SystemPlan, ref: { contract: string; id: string }): Promise<PutOff> {
  const contract = running.plan.contracts.get(ref.contract)
  const [record] = await running.db.query<{ fields: Record<string, unknown> }>(
    'select fields from record where ref = $1',
    [ref.id],
  )
  const name =
    (contract?.options.knownBy ?? []).map(field => record?.fields[field]).find(value => typeof value === 'string') ??
    ref.id
  const kind = ref.contract.charAt(0).toUpperCase() + ref.contract.slice(1)
  const label = contract?.fields[contract.options.match ?? '']?.label ?? 'number'
  return new PutOff(
    `${kind} ${String(name)} is not known in ${system.name}`,
    `Enter its ${label} where it is missing, or create it in ${system.name}; the journey then goes on by itself`,
    // What was linked just now is found at once; after that the link wakes the journey, and this is only the guarantee.
    500,
    ref.id,
  )
}

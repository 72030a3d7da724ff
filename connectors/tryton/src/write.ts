// What all writes to Tryton have in common.
import {
  type NativeId,
  type NotWritten,
  type Observation,
  Refused,
  Unavailable,
  type Write,
  type WriteEnd,
} from '@plumbline/sdk'
import type { TrytonApi } from './api.ts'
import { type Entity, observationOf, stampsOf } from './entity.ts'
import { readByIds, rowsWhere } from './read.ts'
import type { Outcome } from './rpc.ts'
import { acceptedIn } from './settings.ts'
import type { Row } from './values.ts'

export type Act = {
  readonly model: string
  readonly method: string
  readonly params: readonly unknown[]
  readonly of: string
  readonly mayStillSend: Write['mayStillSend']
  /** The stamps that must still hold, as Tryton compares them within the transaction that writes. */
  readonly stamps?: ReadonlyMap<string, string>
}

/** A call that changes something, within the company. A warning that may be answered is answered with yes, and the call repeated. */
export async function act(api: TrytonApi, { model, method, params, of, mayStillSend, stamps }: Act): Promise<Outcome> {
  const { context } = await api.company.books()
  const call = {
    method: `model.${model}.${method}`,
    params,
    context: { ...context, ...(stamps && { _timestamp: Object.fromEntries(stamps) }) },
    of,
    writes: true,
    mayStillSend,
  }
  let outcome = await api.rpc.call(call)
  // Each answer is to one warning; the next one comes only then.
  for (let asked = 0; asked < 5; asked++) {
    const name = outcome.ok ? undefined : outcome.warning?.name
    if (name === undefined || !acceptedIn(api.settings).some(accepted => name.startsWith(accepted))) return outcome
    const yes = [{ user: await api.rpc.user(), name, always: false }]
    const answered = await api.rpc.call({
      method: 'model.res.user.warning.create',
      params: [yes],
      context,
      of,
      mayStillSend,
    })
    if (!answered.ok) return answered
    outcome = await api.rpc.call(call)
  }
  return outcome
}

/** What Tryton made of the write: its stamps, totals, states and the ids of new lines. */
export async function writtenNow(api: TrytonApi, entity: Entity, id: NativeId): Promise<WriteEnd> {
  // The write is done: a read that fails now must not make it look otherwise.
  const [now] = await readByIds(api, entity, [id]).catch(() => [])
  return now ? written(now) : { end: 'written', id }
}

export const written = ({ id, position, fields, token }: Observation): WriteEnd => ({
  end: 'written',
  id,
  position,
  native: fields,
  ...(token !== undefined && { token }),
})

type Standing = {
  readonly row: Row
  readonly seen: Observation
  readonly stamps: ReadonlyMap<string, string>
  readonly isStale: boolean
}

/** A record as it stands, and whether it is no longer the one that the write was made for. */
export async function standing(
  api: TrytonApi,
  entity: Entity,
  id: NativeId,
  token: string | undefined,
): Promise<Standing | undefined> {
  const books = await api.company.books()
  const [row] = await rowsWhere(api, entity, [['id', '=', Number(id)]], 1)
  if (!row) return undefined
  const seen = observationOf(entity, row, books)
  return { row, seen, stamps: stampsOf(entity, row), isStale: token !== undefined && token !== seen.token }
}

export const refusedHere = (of: string, why: string, todo: string): NotWritten => ({
  end: 'refused',
  reason: `Tryton, ${of}: ${why}`,
  todo,
})

export const notThere = (of: string, id: NativeId): NotWritten =>
  refusedHere(of, `there is none with the id ${id}`, 'It was deleted in Tryton: delete or unlink it here.')

/** The reads within a write: what they throw says that nothing more was written. */
export async function attempt(write: () => Promise<WriteEnd>): Promise<WriteEnd> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof Refused)
      return { end: 'refused', reason: error.message, ...(error.todo && { todo: error.todo }) }
    if (!(error instanceof Unavailable)) throw error
    const { message: reason, retryAfterMs, systemIsDown } = error
    return { end: 'unavailable', reason, ...(retryAfterMs !== undefined && { retryAfterMs }), systemIsDown }
  }
}

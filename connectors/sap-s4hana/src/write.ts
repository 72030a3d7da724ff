// Writes to S/4HANA: one document a call, each ends by itself.
import type { Native, NativeId, NotWritten, Write, WriteEnd } from '@plumbline/sdk'
import type { S4Api } from './api.ts'
import type { Entity } from './entity.ts'
import { encodeValue, quoted } from './odata.ts'
import { readByIds } from './read.ts'

/** The address of an entity: `A_SalesOrder('17')`, `A_SalesOrderItem(SalesOrder='17',SalesOrderItem='10')`. */
export function addressOf(set: string, key: Readonly<Record<string, string>>): string {
  const parts = Object.entries(key).map(([name, value]) => [name, quoted(encodeURIComponent(value))] as const)
  const [only] = parts
  return `${set}(${parts.length === 1 && only ? only[1] : parts.map(part => part.join('=')).join(',')})`
}

/** A record's values but its lists, as SAP takes them. `skipEmpty` leaves SAP its defaults. */
export function encodeFields(entity: Entity, native: Native, skipEmpty: boolean): Record<string, unknown> {
  const encoded: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(native)) {
    const field = entity.fields[name]
    if (value === undefined || (skipEmpty && value === null) || field?.kind === 'list') continue
    encoded[name] = encodeValue(field, value)
  }
  return encoded
}

/** A change of header fields only, where the object has nothing else to change. */
export async function writeHeader(api: S4Api, entity: Entity, write: Write): Promise<WriteEnd> {
  if (write.id === undefined) return refusedHere(entity, 'is not created by this connector', `Create it in S/4HANA.`)
  if (write.close) return block(api, entity, write, write.id)
  const failed = await patchHeader(
    api,
    entity,
    write.id,
    encodeFields(entity, write.fields, false),
    write.token,
    write.mayStillSend,
  )
  return failed ?? writtenNow(api, entity, write.id)
}

/** S/4HANA deletes no business partner that was ever used: closed or deleted elsewhere, it is blocked here. */
async function block(api: S4Api, entity: Entity, write: Write, id: NativeId): Promise<WriteEnd> {
  if (!('BusinessPartnerIsBlocked' in entity.fields))
    return refusedHere(entity, 'cannot be closed by this connector', 'Close it in S/4HANA.')
  const body = { BusinessPartnerIsBlocked: true }
  return (
    (await patchHeader(api, entity, id, body, write.token, write.mayStillSend)) ?? (await writtenNow(api, entity, id))
  )
}

export async function patchHeader(
  api: S4Api,
  entity: Entity,
  id: NativeId,
  body: Native,
  token: string | undefined,
  mayStillSend?: () => boolean,
): Promise<NotWritten | undefined> {
  if (Object.keys(body).length === 0) return undefined
  const path = addressOf(entity.set, { [entity.keys[0] ?? '']: id })
  const ifMatch = token ?? '*'
  const outcome = await api.http.send({
    method: 'PATCH',
    service: entity.service,
    path,
    body,
    ifMatch,
    of: entity.object,
    mayStillSend,
  })
  return outcome.ok ? undefined : outcome.end
}

/** What SAP made of the write: its version, totals, statuses and the numbers of new items. */
export async function writtenNow(api: S4Api, entity: Entity, id: NativeId): Promise<WriteEnd> {
  // The write is done: a read that fails now must not make it look otherwise.
  const [now] = await readByIds(api, entity, [id]).catch(() => [])
  if (!now) return { end: 'written', id }
  return { end: 'written', id, position: now.position, native: now.fields, ...(now.token && { token: now.token }) }
}

export const refusedHere = (entity: Entity, why: string, todo: string): NotWritten => ({
  end: 'refused',
  reason: `S/4HANA: a ${entity.object} ${why}`,
  todo,
})

// A change event as observations: what it says of each record, and no more.
import type { Fields, Native, NativeId, Observation, Position } from '@plumbline/sdk'
import type { Change, EventSchema } from './avro.ts'
import { canMerge } from './changed.ts'
import { currencyField, currencyOf, hasMoney } from './currency.ts'
import { type Shape, type Shaped, shapeOf } from './shape.ts'
import { decodeValue, longId } from './values.ts'

/** How events of one object are understood: as a record of its own, or as an entry of another's list. */
export type Target = {
  readonly object: string
  readonly fields: Fields
  readonly entryOf?: { readonly object: string; readonly list: string; readonly parent: string }
}

/** Event objects by name, with all that they are to us. */
export function targetsOf(
  objects: readonly string[],
  specs: Readonly<Record<string, { fields: Fields } & Partial<Shaped>>>,
): ReadonlyMap<string, readonly Target[]> {
  const targets = new Map<string, Target[]>()
  const add = (object: string, target: Target) => targets.set(object, [...(targets.get(object) ?? []), target])
  for (const object of objects) {
    const spec = specs[object]
    if (!spec) continue
    const shape: Shape = shapeOf(spec) ?? { name: object, fields: spec.fields, lists: [] }
    add(shape.name, { object, fields: shape.fields })
    for (const { list, object: entry, parent, fields } of shape.lists)
      add(entry, { object: entry, fields, entryOf: { object, list, parent } })
  }
  return targets
}

/**
 * Every observation that the event holds for one target. `one` is what all amounts are in; without it each record says so itself, and
 * an event does of a new record alone, unless the channel enriches its events with it. An amount that comes without is asked for.
 */
export function observationsOf(
  change: Change,
  schema: EventSchema,
  target: Target,
  one: string | undefined,
): Observation[] {
  const { header } = change
  const position = positionOf(change)
  const about = (id: string) => ({
    object: target.object,
    id: longId(id) as NativeId,
    position,
    ...(target.entryOf && { entryOf: entryOf(change, target.entryOf) }),
    by: clientOf(header.origin) ?? header.user,
  })
  const again = (id: string): Observation => ({ ...about(id), kind: 'look again', mask: [], fields: {} })
  const isWildcard = header.recordIds.some(id => id.endsWith('*'))
  if (header.type === 'GAP_OVERFLOW' || isWildcard) return [again('*')]
  const ids = header.recordIds
  switch (header.type) {
    case 'DELETE':
      // Whether it lives on in another, the event does not say.
      if (!target.entryOf && canMerge(target.object)) return ids.map(again)
      return ids.map((id): Observation => ({ ...about(id), kind: 'gone', mask: [], fields: {} }))
    case 'CREATE':
    case 'UPDATE': {
      const told = toldBy(change, schema, target)
      if (told === undefined) return ids.map(again)
      const currency = currencyOf(one, change.values.get(currencyField))
      const mask = told.filter(name => currency !== undefined || !isAmount(change, target, name))
      const fields = (id: string) => valuesOf(change, target, mask, id, currency)
      const seen = ids.map((id): Observation => ({ ...about(id), kind: 'seen', mask, fields: fields(id) }))
      const isAll = mask.length === told.length && !(one === undefined && isOtherCurrency(change, target))
      return isAll && !mustLookAgain(change, schema, target) ? seen : [...seen, ...ids.map(again)]
    }
    default:
      return ids.map(again)
  }
}

/**
 * A read's position is SystemModstamp, an event's is LastModifiedDate: both move with each change by a user or an
 * integration and are equal then, so the two compare. Salesforce tells them to the second; a second change within one
 * leaves LastModifiedDate as it was and so out of the event, and then the second of the commit stands in. The commit
 * number orders events within one second; a read has none, so it is not comparable there and is made again.
 */
function positionOf({ values, header }: Change): Position {
  const modified = values.get('LastModifiedDate')
  return {
    at: typeof modified === 'number' ? modified : header.committedAt - (header.committedAt % 1000),
    seq: header.commitNumber,
  }
}

/** A creation tells every field that events carry, absent meaning empty; an update tells what changed. */
function toldBy(change: Change, schema: EventSchema, target: Target): readonly string[] | undefined {
  const declared = Object.keys(target.fields)
  if (change.header.type === 'CREATE') return declared.filter(name => name === 'Id' || schema.fields.has(name))
  const { changed, nulled, differing } = change
  if (!changed || !nulled || !differing) return undefined
  return declared.filter(name => (changed.has(name) || nulled.has(name)) && !differing.has(name))
}

/** True when something changed that the event cannot tell: a text told as a difference, or totals that no event carries. */
function mustLookAgain(change: Change, schema: EventSchema, target: Target): boolean {
  const declared = Object.keys(target.fields).filter(name => name !== 'Id' && name !== 'SystemModstamp')
  return declared.some(name => !schema.fields.has(name) || change.differing?.has(name))
}

const isAmount = ({ values, nulled }: Change, { fields }: Target, name: string): boolean =>
  fields[name]?.kind === 'money' && !nulled?.has(name) && (values.get(name) ?? null) !== null

/** An old record has another currency than before: so have the amounts that the event does not tell. */
const isOtherCurrency = ({ header, changed }: Change, { fields }: Target): boolean =>
  header.type === 'UPDATE' && changed?.has(currencyField) === true && hasMoney(fields)

function valuesOf(
  change: Change,
  target: Target,
  told: readonly string[],
  id: string,
  currency: string | undefined,
): Native {
  const fields: Record<string, unknown> = {}
  for (const name of told) {
    const field = target.fields[name]
    if (field)
      fields[name] =
        name === 'Id'
          ? longId(id)
          : decodeValue(field, change.nulled?.has(name) ? null : change.values.get(name), currency)
  }
  return fields
}

function entryOf(change: Change, { object, list, parent }: NonNullable<Target['entryOf']>) {
  const id = change.values.get(parent)
  return { object, list, ...(typeof id === 'string' && id !== '' && { parent: longId(id) as NativeId }) }
}

/** `com/salesforce/api/rest/67.0;client=plumbline` */
const clientOf = (origin: string): string | undefined => /;client=(.+)$/.exec(origin)?.[1]

// Any Salesforce object as the engine reads, lists, finds and writes it.
import type { Fields, ObjectSpec } from '@plumbline/sdk'
import type { SalesforceApi } from './api.ts'
import { listChanged } from './changed.ts'
import { graphsPerBatch, recordsPerCall } from './limits.ts'
import { findByKey, listAll, readByIds } from './records.ts'
import { type ListShape, type Shape, withShape } from './shape.ts'
import { writeRecords } from './write.ts'

export type SObjectOptions = {
  /** The record's lists: which object the entries are, and which of their fields names the record. */
  readonly lists?: Readonly<Record<string, { readonly object: string; readonly parent: string; readonly key?: string }>>
  /** The external id that carries our ref; it must be unique. `Plumbline_Ref__c` when that field is declared. */
  readonly key?: string
  /** What closing a record writes: `{ Status: 'Cancelled' }`. Without it, closing is refused. */
  readonly closed?: Readonly<Record<string, unknown>>
}

const refField = 'Plumbline_Ref__c'
const lineField = 'Plumbline_Line__c'

/**
 * A Salesforce object with the fields the project uses:
 * `sobject('Quote', { Id: id(), Status: text('Status') }, { lists: { QuoteLineItems: { object: 'QuoteLineItem', parent: 'QuoteId' } } })`.
 */
export function sobject<F extends Fields>(
  name: string,
  fields: F,
  options: SObjectOptions = {},
): ObjectSpec<SalesforceApi, F> {
  const shape = shaped(name, fields, options)
  const spec: ObjectSpec<SalesforceApi, F> = {
    fields,
    read: (api, ids) => readByIds(api, shape, ids),
    list: (api, page) => listAll(api, shape, page),
    changed: (api, since, page) => listChanged(api, shape, since, page),
    write: (api, writes) => writeRecords(api, shape, writes),
    ...(shape.key && {
      find: (api, writes) =>
        findByKey(
          api,
          shape,
          writes.map(write => write.fields[shape.key ?? '']),
        ),
    }),
    batch: shape.lists.length > 0 ? graphsPerBatch : recordsPerCall,
    entries: Object.fromEntries(shape.lists.map(({ list, object }) => [list, object])),
    createIdempotency: shape.key === undefined ? 'searchThenCreate' : 'externalId',
    isVersioned: false,
  }
  return withShape(spec, shape)
}

function shaped(name: string, fields: Fields, options: SObjectOptions): Shape {
  const key = options.key ?? (refField in fields ? refField : undefined)
  const lists = Object.entries(options.lists ?? {}).map(([list, { object, parent, key }]): ListShape => {
    const of = fields[list]?.of
    if (!of) throw new TypeError(`${name} declares no list ${list}: listOf('…', { Id: id(), … })`)
    return { list, object, parent, fields: of, key: key ?? (lineField in of ? lineField : undefined) }
  })
  const scalars = Object.fromEntries(Object.entries(fields).filter(([, field]) => field.kind !== 'list'))
  return { name, fields: scalars, lists, key, closed: options.closed }
}

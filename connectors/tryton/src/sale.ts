// Sales: created once, brought through quotation and confirmation until they are processed, found again, changed, cancelled.
//
// Tryton takes the same create twice, and each step is a transaction of its own. So our key is looked for before anything is
// created, and a sale that is found on its way goes on from there. "Written" is said only of one that is being processed.
import type { Native, NativeId, NotWritten, Observation, Write, WriteEnd } from '@plumbline/sdk'
import type { TrytonApi } from './api.ts'
import { changedMeanwhile } from './ends.ts'
import { nativeId, observationOf } from './entity.ts'
import { entities } from './objects.ts'
import { rowsWhere } from './read.ts'
import { changedLine, headerOf, lineKey, newLine, newSale } from './sale-values.ts'
import { listed, type Row, textIn } from './values.ts'
import { act, attempt, notThere, refusedHere, standing, written, writtenNow } from './write.ts'

const entity = entities.Sale
const keyField = 'reference'
const keysPerCall = 50
/** On the way: not yet what we were asked for. */
const unfinished: ReadonlySet<unknown> = new Set(['draft', 'quotation', 'confirmed'])
/** Fields that stand for themselves, and may be changed however far the sale has come. */
const notes: ReadonlySet<string> = new Set(['reference', 'description', 'comment'])

export const writeSale = (api: TrytonApi, write: Write): Promise<WriteEnd> =>
  attempt(() => {
    if (write.close) return cancel(api, write)
    return write.id === undefined ? create(api, write) : change(api, write, write.id)
  })

async function create(api: TrytonApi, write: Write): Promise<WriteEnd> {
  const key = write.fields[keyField]
  if (typeof key !== 'string' || key === '')
    return refusedHere('Sale', `without ${keyField} it could not be found again if no answer came`, 'Map the field.')
  const there = await withKey(api, [key], write)
  const [known] = there
  if (there.length > 1) return twoOfThem(key, there)
  if (known) return goOn(api, write, known)
  const outcome = await act(api, {
    ...{ model: 'sale.sale', method: 'create', of: `Sale ${key}` },
    params: [[await newSale(api, write)]],
    mayStillSend: write.mayStillSend,
  })
  if (!outcome.ok) return outcome.end
  const [id] = Array.isArray(outcome.result) ? outcome.result : []
  if (typeof id !== 'number') return { end: 'unknown', reason: 'Tryton, Sale: the answer to the create names no sale' }
  return process(api, write, nativeId(id), 'draft')
}

const twoOfThem = (key: string, rows: readonly Row[]): NotWritten =>
  refusedHere(
    'Sale',
    `${rows.length} sales carry the reference ${key}: ${rows.map(({ id, number }) => textIn(number) ?? `id ${id}`).join(', ')}`,
    'Decide which is the right one, and take the reference off the others in Tryton.',
  )

/** A sale of this very create, made before. While it is a draft or a quotation it is made anew of what is wanted by now. */
async function goOn(api: TrytonApi, write: Write, row: Row): Promise<WriteEnd> {
  const id = nativeId(row.id)
  const name = nameOf(row)
  if (row.state === 'cancelled')
    return refusedHere(
      name,
      'it carries the same reference and was cancelled in Tryton',
      'Take the reference off the cancelled sale, or decide that nothing is sold.',
    )
  if (!unfinished.has(row.state)) return writtenNow(api, entity, id)
  if (row.state === 'confirmed') return process(api, write, id, 'confirmed')
  const failed = await bring(api, write, id, 'draft', 'draft')
  if (failed) return failed
  const { lines, ...header } = await newSale(api, write)
  const old = listed(row, 'lines').map(line => line.id)
  const operations = [...(old.length > 0 ? [['delete', old]] : []), ...(Array.isArray(lines) ? lines : [])]
  const outcome = await act(api, {
    ...{ model: 'sale.sale', method: 'write', of: name },
    params: [[Number(id)], { ...header, lines: operations }],
    mayStillSend: write.mayStillSend,
  })
  return outcome.ok ? process(api, write, id, 'draft') : outcome.end
}

type Button = 'draft' | 'quote' | 'confirm' | 'process' | 'cancel'

/**
 * Presses on until it is processed. A button answers nothing, in the wrong state too: only the state says what became of it. A
 * confirmation may fail behind its answer, in what Tryton does after it, and says so only when it is pressed on.
 */
async function process(api: TrytonApi, write: Write, id: NativeId, from: 'draft' | 'confirmed'): Promise<WriteEnd> {
  const failed =
    from === 'draft'
      ? ((await press(api, write, id, 'quote')) ?? (await press(api, write, id, 'confirm')))
      : await press(api, write, id, 'process')
  if (failed) return failed
  const now = await standing(api, entity, id, undefined)
  if (!now) return notThere('Sale', id)
  if (!unfinished.has(now.row.state) && now.row.state !== 'cancelled') return written(now.seen)
  if (from === 'draft' && now.row.state === 'confirmed') return process(api, write, id, 'confirmed')
  return didNothing(nameOf(now.row), from === 'draft' ? 'confirm' : 'process', now.row.state)
}

/** Presses a button that leads to one state. */
async function bring(
  api: TrytonApi,
  write: Write,
  id: NativeId,
  button: Button,
  to: string,
): Promise<NotWritten | undefined> {
  const failed = await press(api, write, id, button)
  if (failed) return failed
  const now = await standing(api, entity, id, undefined)
  if (!now) return notThere('Sale', id)
  return now.row.state === to ? undefined : didNothing(nameOf(now.row), button, now.row.state)
}

const didNothing = (of: string, button: Button, state: unknown): NotWritten =>
  refusedHere(
    of,
    `Tryton took "${button}" and did nothing: the sale is ${String(state)}`,
    'Look at the sale in Tryton: somebody has it in another state. Then retry.',
  )

async function press(api: TrytonApi, write: Write, id: NativeId, button: Button): Promise<NotWritten | undefined> {
  const of = `Sale ${textIn(write.fields[keyField]) ?? id}`
  const pressed = () =>
    act(api, { model: 'sale.sale', method: button, params: [[Number(id)]], of, mayStillSend: write.mayStillSend })
  // A confirmation locks the books for its credit check, and fails when another one has them.
  const outcome = await (button === 'confirm' ? api.confirming.take(pressed) : pressed())
  return outcome.ok ? undefined : outcome.end
}

const withKey = (api: TrytonApi, keys: readonly string[], { fields }: Pick<Write, 'fields'>) =>
  rowsWhere(api, entity, [
    [keyField, 'in', keys],
    ...(typeof fields.party === 'string' ? [['party', '=', Number(fields.party)]] : []),
  ])

/**
 * All sales that carry the key for the same customer. One that is still on its way counts as none, so that the same create comes
 * again and brings it to its end.
 */
export async function findSales(
  api: TrytonApi,
  writes: readonly Write[],
): Promise<readonly (readonly Observation[])[]> {
  const books = await api.company.books()
  const keys = [...new Set(writes.map(({ fields }) => fields[keyField]).filter(key => typeof key === 'string'))]
  const rows: Row[] = []
  for (let at = 0; at < keys.length; at += keysPerCall)
    rows.push(...(await withKey(api, keys.slice(at, at + keysPerCall), { fields: {} })))
  return writes.map(({ fields }) => {
    const own = rows.filter(
      row =>
        row[keyField] === fields[keyField] && (typeof fields.party !== 'string' || String(row.party) === fields.party),
    )
    if (own.length === 1 && unfinished.has(own[0]?.state)) return []
    return own.map(row => observationOf(entity, row, books))
  })
}

const nameOf = (row: Row): string => `Sale ${textIn(row.number) ?? textIn(row.reference) ?? String(row.id)}`

async function change(api: TrytonApi, write: Write, id: NativeId): Promise<WriteEnd> {
  const now = await standing(api, entity, id, write.token)
  if (!now) return notThere('Sale', id)
  if (now.isStale) return changedMeanwhile(nameOf(now.row))
  const { row, stamps } = now
  const operations = await lineOperations(api, write, row)
  const agreed = [
    ...Object.keys(write.fields).filter(name => !notes.has(name)),
    ...(operations.length > 0 ? ['lines'] : []),
  ]
  const isOpen = row.state === 'draft' || row.state === 'quotation'
  // Tryton itself would take it, and leave deliveries and invoices as they were.
  if (agreed.length > 0 && !isOpen)
    return refusedHere(
      nameOf(row),
      `it is ${String(row.state)}, and ${agreed.join(', ')} of it can no longer be changed`,
      'Settle it in Tryton with whoever ships and invoices it, or take the change back.',
    )
  const wasQuoted = row.state === 'quotation' && agreed.length > 0
  if (wasQuoted) {
    const failed = await bring(api, write, id, 'draft', 'draft')
    if (failed) return failed
  }
  const values = { ...(await headerOf(api, write.fields)), ...(operations.length > 0 && { lines: operations }) }
  const outcome = await act(api, {
    ...{ model: 'sale.sale', method: 'write', of: nameOf(row) },
    params: [[Number(id)], values],
    mayStillSend: write.mayStillSend,
    // Back in draft, the sale has a stamp of our own.
    ...(!wasQuoted && { stamps }),
  })
  if (!outcome.ok) return outcome.end
  const failed = wasQuoted ? await bring(api, write, id, 'quote', 'quotation') : undefined
  return failed ?? writtenNow(api, entity, id)
}

/** The same change sent again, after an answer was lost, neither adds a line twice nor misses one that is gone. */
async function lineOperations(api: TrytonApi, { lists }: Write, row: Row): Promise<readonly unknown[]> {
  const lines = listed(row, 'lines')
  const isThere = (id: NativeId) => lines.some(line => String(line.id) === id)
  const isNew = (line: Native) => !line[lineKey] || !lines.some(known => known[lineKey] === line[lineKey])
  const { add = [], change = [], remove = [] } = lists.lines ?? {}
  const books = await api.company.books()
  const added: Row[] = []
  for (const line of add.filter(isNew)) added.push(await newLine(api, { ...row, company: books.company }, line))
  const removed = remove.filter(isThere).map(Number)
  return [
    ...(removed.length > 0 ? [['delete', removed]] : []),
    ...change.map(line => ['write', [Number(line.id)], changedLine(line)]),
    ...(added.length > 0 ? [['create', added]] : []),
  ]
}

/** Only what nobody works on yet can be cancelled; what is being processed has deliveries and invoices to be settled first. */
async function cancel(api: TrytonApi, write: Write): Promise<WriteEnd> {
  const { id } = write
  if (id === undefined)
    return refusedHere('Sale', 'one that was never created cannot be cancelled', 'Nothing is to be done.')
  const now = await standing(api, entity, id, undefined)
  if (!now) return notThere('Sale', id)
  const { row } = now
  if (row.state === 'cancelled') return writtenNow(api, entity, id)
  if (!unfinished.has(row.state))
    return refusedHere(
      nameOf(row),
      `it is ${String(row.state)} and cannot be cancelled (shipment ${String(row.shipment_state)}, invoice ${String(row.invoice_state)})`,
      'Cancel its shipments and invoices in Tryton first, and say there what becomes of the sale.',
    )
  const failed =
    (row.state === 'confirmed' ? await bring(api, write, id, 'draft', 'draft') : undefined) ??
    (await bring(api, write, id, 'cancel', 'cancelled'))
  return failed ?? writtenNow(api, entity, id)
}

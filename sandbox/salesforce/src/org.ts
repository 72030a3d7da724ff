// The org: its tables, its clock and its memory. Every write runs in `commit`; restarting replays the journal.
import { randomUUID } from 'node:crypto'
import { type JobChange, Jobs } from './bulk/jobs.ts'
import { makeId } from './ids.ts'
import { JournalFile } from './journal.ts'
import { isObject, type JsonObject, numberOf, textOf } from './json.ts'
import type { OrgShape } from './metadata.ts'
import { defaultCurrency } from './objects/currency.ts'
import { type CommittedTransaction, EventStream, type GapKind } from './pubsub/stream.ts'
import type { Schema } from './schema.ts'
import { type FieldValue, type Row, Table } from './table.ts'
import { datetimeText } from './times.ts'
import { type Actor, type Change, type ChangeKind, Transaction } from './transaction.ts'

/** What is remembered in the same line as a transaction: how far a bulk job is, and records gone for good. */
export type JournalNote = { readonly job?: { readonly id: string } & JobChange; readonly purge?: readonly string[] }

export type JournalEntry = Change & { readonly n: number; readonly transaction: CommittedTransaction }

export const ORG_ID = makeId('00D', 1)
export const ADMIN_USER_ID = makeId('005', 1)
export const STANDARD_PRICEBOOK_ID = makeId('01s', 1)

const SETUP: Actor = { userId: ADMIN_USER_ID, by: 'sandbox-setup', origin: '' }

export class Org {
  readonly shape: OrgShape
  readonly schema: Schema
  readonly entries: JournalEntry[] = []
  readonly stream: EventStream
  readonly jobs: Jobs
  /** Access tokens that were revoked, by their serial. */
  readonly revoked = new Set<string>()
  /** The last number given by each auto-number field. */
  readonly autoNumbers = new Map<string, number>()
  readonly #tables = new Map<string, Table>()
  readonly #journal: JournalFile
  readonly #now: () => number
  #clockOffset = 0
  #lastTransaction = 0

  constructor(options: { shape: OrgShape; folder: string; now: () => number }) {
    this.shape = options.shape
    this.schema = options.shape.schema
    this.#now = options.now
    for (const type of this.schema.objects) this.#tables.set(type.name, new Table(type))
    const memory = { now: () => this.now(), remember: (line: object) => this.#journal.append(line) }
    this.stream = new EventStream(memory)
    this.jobs = new Jobs({ ...memory, folder: options.folder })
    this.#journal = new JournalFile(options.folder, line => this.#replay(line))
    if (this.#lastTransaction === 0) this.#setUp()
    this.stream.publishForgotten()
  }

  /** The sandbox's clock, which can be moved forward. */
  now(): number {
    return this.#now() + this.#clockOffset
  }

  forward(ms: number): void {
    this.#clockOffset += ms
    this.#journal.append({ clock: this.#clockOffset })
  }

  /** Tells of a change by a gap event alone; nothing is changed. */
  tellGap(gap: GapKind, object: string, ids: readonly string[]): void {
    this.stream.publishGap(gap, object, ids, {
      number: this.#lastTransaction,
      at: this.now(),
      key: randomUUID(),
      by: 'sandbox',
      userId: ADMIN_USER_ID,
      origin: '',
      changes: [],
    })
  }

  revoke(tokenSerial: string): void {
    this.revoked.add(tokenSerial)
    this.#journal.append({ revoked: tokenSerial })
  }

  table(name: string): Table {
    const table = this.#tables.get(name)
    if (!table) throw new Error(`There is no object ${name}`)
    return table
  }

  /** Runs the work and commits it: one journal line, then its change events. Anything thrown takes everything back. */
  commit<T>(actor: Actor, work: (tx: Transaction) => T, noteOf?: (result: T) => JournalNote): T {
    const tx = new Transaction(actor, this.now())
    try {
      const result = work(tx)
      tx.settle()
      this.#remember(tx, false, noteOf?.(result))
      return result
    } catch (error) {
      tx.rollbackTo(0)
      throw error
    }
  }

  #remember(tx: Transaction, silent: boolean, note: JournalNote = {}): void {
    const changes = tx.changes()
    if (changes.length === 0) {
      if (note.job || note.purge) this.#journal.append(note)
      this.#heed(note)
      return
    }
    const { by, userId, origin } = tx.actor
    const number = ++this.#lastTransaction
    const key = randomUUID()
    const transaction: CommittedTransaction = { number, at: tx.at, key, by, userId, origin, changes }
    const first = silent ? undefined : this.stream.reserve(transaction)
    const lines = changes.map(change => [change.kind, change.object, change.id, change.fields])
    this.#journal.append({
      tx: number,
      at: tx.at,
      key,
      by,
      user: userId,
      origin,
      ...(silent ? { silent } : {}),
      ...(first ? { r: first } : {}),
      e: lines,
      ...note,
    })
    this.#enter(transaction)
    this.#heed(note)
    if (!silent) this.stream.publish(transaction, first)
  }

  #heed({ job, purge = [] }: JournalNote): void {
    if (job) this.jobs.apply(job.id, job)
    this.#purge(purge)
  }

  /** Takes deleted records out of the recycle bin for good. */
  #purge(ids: readonly string[]): void {
    for (const id of ids) this.schema.ofId(id) && this.table(this.schema.ofId(id)?.name ?? '').put(id, undefined)
  }

  #enter(transaction: CommittedTransaction): void {
    for (const change of transaction.changes) this.entries.push({ ...change, n: this.entries.length + 1, transaction })
  }

  #setUp(): void {
    const tx = new Transaction(SETUP, this.now())
    const stamp = datetimeText(tx.at)
    const audit = {
      IsDeleted: false,
      CreatedDate: stamp,
      CreatedById: ADMIN_USER_ID,
      LastModifiedDate: stamp,
      LastModifiedById: ADMIN_USER_ID,
      SystemModstamp: stamp,
    }
    tx.put(this.table('Organization'), {
      Id: ORG_ID,
      Name: 'Plumbline Sandbox',
      InstanceName: 'LOCAL',
      IsSandbox: true,
      OrganizationType: 'Enterprise Edition',
      DefaultLocaleSidKey: 'en_US',
      ...audit,
    })
    tx.put(this.table('User'), {
      Id: ADMIN_USER_ID,
      Username: 'admin@sandbox.example',
      FirstName: 'Sandbox',
      LastName: 'Admin',
      Name: 'Sandbox Admin',
      Email: 'admin@sandbox.example',
      Alias: 'admin',
      IsActive: true,
      UserType: 'Standard',
      ...audit,
    })
    tx.put(this.table('Pricebook2'), {
      Id: STANDARD_PRICEBOOK_ID,
      Name: 'Standard Price Book',
      IsActive: true,
      IsStandard: true,
      ...defaultCurrency(this.table('Pricebook2').type),
      ...audit,
    })
    for (const id of [ORG_ID, ADMIN_USER_ID, STANDARD_PRICEBOOK_ID])
      this.schema.ofId(id) && this.table(this.schema.ofId(id)?.name ?? '').seen(id)
    this.#remember(tx, true)
  }

  #replay(line: JsonObject): void {
    if (line.tx !== undefined) this.#replayTransaction(line)
    if (isObject(line.job)) this.jobs.replay(line.job)
    if (Array.isArray(line.purge)) this.#purge(line.purge.map(String))
    if (line.tx !== undefined || line.job !== undefined) return
    if (typeof line.clock === 'number') this.#clockOffset = line.clock
    else if (typeof line.revoked === 'string') this.revoked.add(line.revoked)
    else this.stream.replay(line)
  }

  #replayTransaction(line: JsonObject): void {
    const transaction: CommittedTransaction = {
      number: numberOf(line.tx) ?? 0,
      at: numberOf(line.at) ?? 0,
      key: textOf(line.key) ?? '',
      by: textOf(line.by) ?? '',
      userId: textOf(line.user) ?? '',
      origin: textOf(line.origin) ?? '',
      changes: changesOf(line.e).map(change => this.#apply(change)),
    }
    this.#lastTransaction = transaction.number
    this.#enter(transaction)
    if (line.silent !== true) this.stream.replayTransaction(transaction, numberOf(line.r))
  }

  /** Puts a remembered change back. Objects and fields that the metadata no longer has are kept as they were written. */
  #apply(change: Change): Change {
    const table = this.#tables.get(change.object)
    if (!table) return change
    const before = table.get(change.id)
    const stamp = textOf(change.fields.SystemModstamp) ?? before?.SystemModstamp ?? ''
    const row: Row = before
      ? {
          ...before,
          ...change.fields,
          Id: change.id,
          IsDeleted:
            change.fields.IsDeleted === true || (change.fields.IsDeleted === undefined && before.IsDeleted === true),
          SystemModstamp: stamp,
        }
      : {
          // What is older than the org's other currencies is in the corporate one.
          ...defaultCurrency(table.type),
          ...change.fields,
          Id: change.id,
          IsDeleted: false,
          SystemModstamp: stamp,
        }
    table.put(change.id, row)
    if (change.kind !== 'create') return change
    table.seen(change.id)
    this.#recallAutoNumbers(table, row)
    return { ...change, fields: row }
  }

  #recallAutoNumbers(table: Table, row: Row): void {
    for (const field of table.type.fields) {
      const value = field.autoNumber ? row[field.name] : undefined
      if (typeof value !== 'string') continue
      const key = `${table.type.name}.${field.name}`
      const digits = Number(/(\d+)\D*$/.exec(value)?.[1] ?? 0)
      this.autoNumbers.set(key, Math.max(this.autoNumbers.get(key) ?? 0, digits))
    }
  }

  close(): void {
    this.stream.close()
    this.#journal.close()
  }
}

const KINDS: readonly string[] = ['create', 'update', 'delete', 'undelete'] satisfies ChangeKind[]

function changesOf(lines: unknown): Change[] {
  if (!Array.isArray(lines)) return []
  return lines.map((line: unknown) => {
    if (!Array.isArray(line)) throw new Error('A journal line holds a change that is no list')
    const [kind, object, id, fields]: unknown[] = line
    if (!isKind(kind) || typeof object !== 'string' || typeof id !== 'string' || !isFields(fields))
      throw new Error('A journal line holds a damaged change')
    return { kind, object, id, fields }
  })
}

function isKind(value: unknown): value is ChangeKind {
  return typeof value === 'string' && KINDS.includes(value)
}

function isFields(value: unknown): value is { readonly [field: string]: FieldValue } {
  return isObject(value)
}

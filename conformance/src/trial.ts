// What a point works with: a connection of its own to the live system, through the fault proxy, and the words of a write.

import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AnyConnector,
  type Fields,
  type Host,
  type NativeId,
  type ObjectSpec,
  type Observation,
  Refused,
  Unavailable,
  type Write,
  type WriteEnd,
} from '@plumbline/sdk'
import { Ear } from './ear.ts'
import type { Call, FaultProxy, Strike } from './proxy.ts'
import type { NewRecord, Sample, System } from './subject.ts'
import { given, has, must, said } from './verdict.ts'

const host: Host = {
  fetch: (input, init) => fetch(input, init),
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  uuid: () => crypto.randomUUID(),
  log: () => {},
}

let refs = 0
const run = crypto.randomUUID().slice(0, 6)
/** Ours, short, and never twice: not in a later run against the same system either. */
const nextRef = (): string => `k${run}${(++refs).toString(36)}`

type Api = unknown
type Spec = ObjectSpec<Api, Fields>

export class Trial {
  readonly connector: AnyConnector
  readonly system: System
  readonly sample: Sample
  readonly proxy: FaultProxy
  readonly api: Api
  readonly spec: Spec

  private constructor(connector: AnyConnector, system: System, sample: Sample, proxy: FaultProxy, api: Api) {
    this.connector = connector
    this.system = system
    this.sample = sample
    this.proxy = proxy
    this.api = api
    const spec: Spec | undefined = connector.objects[sample.object]
    must(spec, `The connector has no object ${sample.object}`)
    this.spec = spec
  }

  static async of(connector: AnyConnector, system: System, sample: Sample, proxy: FaultProxy): Promise<Trial> {
    const api: Api = await connector.spec.connect(system.settings(proxy.url), host)
    return new Trial(connector, system, sample, proxy, api)
  }

  async end(): Promise<void> {
    await this.connector.spec.close?.(this.api)
  }

  /** Another connection, to another address. */
  async at<T>(url: string, act: (trial: Trial) => Promise<T>): Promise<T> {
    const api: Api = await this.connector.spec.connect(this.system.settings(url), host)
    const other = new Trial(this.connector, this.system, this.sample, this.proxy, api)
    try {
      return await act(other)
    } finally {
      await other.end()
    }
  }

  during<T>(strike: Strike, act: () => Promise<T>): Promise<T> {
    return this.proxy.during(strike, act)
  }

  readonly isWrite = (call: Call): boolean =>
    this.system.isWrite ? this.system.isWrite(call) : ['POST', 'PUT', 'PATCH', 'DELETE'].includes(call.method)

  /** What strikes writes alone, leaves logins and reads as they are. */
  onWrites(fault: Strike['fault'], times?: number): Strike {
    return { fault, on: this.isWrite, ...(times !== undefined && { times }) }
  }

  // ---- records

  ref = nextRef

  newRecord(ref = this.ref()): NewRecord & { readonly ref: string } {
    return { ...given(this.sample.create)(ref), ref }
  }

  asCreate({ fields, lists = {} }: NewRecord, key: string): Write {
    return { key, fields, lists }
  }

  /** A create of a new record, ready to be sent as often as one likes. */
  newCreate(ref = this.ref()): Write & { readonly ref: string } {
    return { ...this.asCreate(this.newRecord(ref), ref), ref }
  }

  /** As the engine hands them over: no more at once than a call takes. One end for each, or it is a defect. */
  async write(...writes: readonly Write[]): Promise<readonly WriteEnd[]> {
    const write = has(this.spec.write, `The connector writes no ${this.sample.object}`)
    const batch = this.spec.batch ?? 1
    const ends: WriteEnd[] = []
    for (let at = 0; at < writes.length; at += batch) {
      const some = writes.slice(at, at + batch)
      const answered = await write(this.api, some).catch((error: unknown) => asEnds(error, some))
      must(answered.length === some.length, `${some.length} writes were answered with ${answered.length} ends`)
      ends.push(...answered)
    }
    return ends
  }

  async writeOne(write: Write): Promise<WriteEnd> {
    const [end] = await this.write(write)
    must(end, 'A write was answered with no end')
    return end
  }

  async written(write: Write): Promise<Extract<WriteEnd, { end: 'written' }>> {
    const end = await this.writeOne(write)
    must(end.end === 'written', `A write that is in order ended ${said(end)}`)
    return end
  }

  /** As the engine brings a create about: where nothing keeps it from becoming two, it is looked for first. */
  async ensure(write: Write): Promise<NativeId> {
    if (!this.repeatsCreates) {
      const found = await this.find(write)
      must(found.length <= 1, `The look-up of one create finds ${found.length} records`)
      if (found[0]) return found[0].id
    }
    return (await this.written(write)).id
  }

  get repeatsCreates(): boolean {
    return this.spec.createIdempotency === 'native' || this.spec.createIdempotency === 'externalId'
  }

  async find(write: Write): Promise<readonly Observation[]> {
    must(
      this.spec.find,
      `Nothing keeps a create of ${this.sample.object} from becoming two, and there is no find to look for it`,
    )
    const [found] = await this.spec.find(this.api, [write])
    must(found, 'A look-up was not answered')
    return found
  }

  /** A record to try things with: a new one, or one that is there. */
  async record(): Promise<NativeId> {
    return !this.creates && this.sample.there !== undefined ? this.sample.there : this.ensure(this.newCreate())
  }

  get creates(): boolean {
    return typeof this.sample.create === 'function'
  }

  async read(id: NativeId): Promise<Observation> {
    const read = has(this.spec.read, `The connector reads no ${this.sample.object} by its id`)
    const found = (await read(this.api, [id])).filter(one => one.kind !== 'gone')
    const [only] = found
    must(only && found.length === 1, `Reading ${id} gave ${found.length} records`)
    return only
  }

  async all(): Promise<readonly Observation[]> {
    const list = has(this.spec.list, `The connector lists no ${this.sample.object}`)
    const records: Observation[] = []
    let page: string | undefined
    do {
      const answered = await list(this.api, page)
      records.push(...answered.records)
      must(answered.next === undefined || answered.next !== page, 'A page of the list leads to itself')
      page = answered.next
    } while (page !== undefined)
    return records
  }

  /** How many records of the system carry the ref: told by a list of all, over a connection that no fault strikes. */
  copies(ref: string): Promise<number> {
    const refOf = this.refOf
    return this.at(
      this.system.url,
      async other => (await other.all()).filter(({ fields }) => refOf(fields) === ref).length,
    )
  }

  get refOf(): (fields: Observation['fields']) => unknown {
    return has(this.sample.refOf, `Nothing says which field of ${this.sample.object} carries our ref`)
  }

  async isOnce(ref: string): Promise<void> {
    const copies = await this.copies(ref)
    must(copies === 1, `One create, and ${copies === 0 ? 'no record' : `${copies} records`} in the system`)
  }

  // ---- the feed

  /** Listens in the background until it is stopped. */
  listen(cursor?: string): Ear {
    return new Ear(this.connector, this.api, this.sample.object, this.system.patienceMs ?? 10_000, cursor)
  }

  /** Listens while something is done. */
  async listening<T>(act: (ear: Ear) => Promise<T>, cursor?: string): Promise<T> {
    const ear = this.listen(cursor)
    try {
      if (cursor === undefined) await ear.ready()
      return await act(ear)
    } finally {
      await ear.stop()
    }
  }
}

/** What is thrown before anything is sent is the end of all that was to be sent, as it is to the engine. */
function asEnds(error: unknown, writes: readonly Write[]): WriteEnd[] {
  if (error instanceof Refused) return writes.map(() => ({ end: 'refused', reason: error.message }))
  if (!(error instanceof Unavailable)) throw error
  const { message: reason, retryAfterMs, systemIsDown } = error
  return writes.map(() => ({
    end: 'unavailable',
    reason,
    systemIsDown,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }))
}

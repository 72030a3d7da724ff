// Two systems that exist only in memory, so that record sync is measured without any system's own cost: one tells of
// changed records as fast as they are taken, the other takes every write at once. They know of each other by files only,
// because several engine processes may carry them.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  connector,
  count,
  day,
  type Host,
  type NativeId,
  type Observation,
  text,
  type Write,
  type WriteEnd,
  yesNo,
} from '@plumbline/sdk'

export const words = [
  'A',
  'B',
  'C',
  'D',
  'E',
  'F',
  'G',
  'H',
  'I',
  'J',
  'K',
  'L',
  'M',
  'N',
  'O',
  'P',
  'Q',
  'R',
  'S',
  'T',
] as const
export const counts = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J'] as const
export const days = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I'] as const

/** The same field under many names. */
export const named = <const P extends string, const N extends string, F>(
  prefix: P,
  names: readonly N[],
  field: (label: string) => F,
): Record<`${P}${N}`, F> =>
  Object.fromEntries(names.map(name => [`${prefix}${name}`, field(`${prefix} ${name}`)])) as Record<`${P}${N}`, F>

/** Forty fields: a number, twenty texts, ten counts, nine days. */
const nativeFields = {
  Number: text('Number'),
  ...named('Text', words, text),
  ...named('Count', counts, count),
  ...named('Day', days, day),
}
const changeable = Object.keys(nativeFields).filter(name => name !== 'Number')

const settings = {
  system: text('Name'),
  /** Where the systems leave word for each other and for who measures. */
  folder: text('Folder'),
  records: count('Records'),
  /** How many changes it tells of, once it may. */
  patches: count('Patches'),
  /** How many of them may be under way: fewer than there are records, so that no two of a record become one. */
  window: count('Window'),
  /** Which fields it changes: an even or an odd half, or all. */
  owns: text('Owns'),
  echoes: yesNo('Tells of our own writes, as real systems do'),
  client: text('How we sign'),
}
type Settings = { readonly [K in keyof typeof settings]: NonNullable<(typeof settings)[K]['value']> }

/** What a system leaves in its file: how many writes it took, how many echoes it has still to tell. */
export type Tally = { readonly written: number; readonly echoes: number }
const batch = 200
const tellEveryMs = 20

/** The sum of what all processes took for a system. */
export function tallyOf(folder: string, system: string): Tally {
  const all = readdirSync(folder).filter(name => name.startsWith(`tally-${system}-`))
  const tallies = all.map((name): Tally => JSON.parse(readFileSync(join(folder, name), 'utf8') || '{}'))
  return {
    written: tallies.reduce((sum, one) => sum + (one.written ?? 0), 0),
    echoes: tallies.reduce((sum, one) => sum + (one.echoes ?? 0), 0),
  }
}
export const goFile = (folder: string): string => join(folder, 'go')

class MemorySystem {
  readonly settings: Settings
  readonly host: Host
  echoes: Observation[] = []
  #written = 0
  #sequence = 0
  #telling = false
  readonly #file: string

  constructor(settings: Settings, host: Host) {
    this.settings = settings
    this.host = host
    this.#file = join(settings.folder, `tally-${settings.system}-${process.pid}`)
  }

  /** Record n as both systems have it at first. */
  record(n: number): Observation {
    const fields = Object.fromEntries(
      changeable.map(name => [name, valueIn(name, n)] as const).concat([['Number', idOf(n)]]),
    )
    return { object: 'Item', id: idOf(n), kind: 'seen', mask: 'all', fields, position: { at: 1 } }
  }

  /** Change n: the next record in turn, one to three fields of it. */
  patch(n: number): Observation {
    const { records, owns } = this.settings
    const mine = changeable.filter((_, i) => owns === 'all' || (i % 2 === 0) === (owns === 'even'))
    const mask = Array.from({ length: 1 + (n % 3) }, (_, i) => mine[(n * 7 + i) % mine.length] ?? '')
    const fields = Object.fromEntries(mask.map((name, i) => [name, valueIn(name, n + i + 1)]))
    return {
      object: 'Item',
      id: idOf(n % records),
      kind: 'seen',
      mask,
      fields,
      position: this.#position(),
      by: 'people',
    }
  }

  take(writes: readonly Write[]): WriteEnd[] {
    const isStrange = writes.some(({ id }) => id === undefined)
    if (isStrange) throw new Error('Both systems have every record: nothing is to be created')
    this.#written += writes.length
    if (this.settings.echoes) this.echoes.push(...writes.map(write => this.#echo(write)))
    this.tellSoon()
    return writes.map(({ id }) => ({ end: 'written', id: id ?? idOf(0) }))
  }

  tellSoon(): void {
    if (this.#telling) return
    this.#telling = true
    setTimeout(() => {
      this.#telling = false
      writeFileSync(this.#file, JSON.stringify({ written: this.#written, echoes: this.echoes.length }))
    }, tellEveryMs)
  }

  #echo({ id, fields }: Write): Observation {
    return {
      object: 'Item',
      id: id ?? idOf(0),
      kind: 'seen',
      mask: Object.keys(fields),
      fields,
      position: this.#position(),
      by: this.settings.client,
    }
  }

  #position(): Observation['position'] {
    return { at: this.host.now(), seq: ++this.#sequence }
  }
}

const idOf = (n: number): NativeId => `N${String(n).padStart(8, '0')}` as NativeId

/** As such records look: a word or two, a quantity, a date. */
function valueIn(name: string, n: number): string | number {
  if (name.startsWith('Count')) return n
  if (name.startsWith('Day')) return `20${20 + (n % 10)}-${String(1 + (n % 12)).padStart(2, '0')}-15`
  return `${name} of ${n} in the register`
}

/** Waits for the word to go, then tells of changes within the window, and of echoes before them. */
async function* follow(
  api: MemorySystem,
  { cursor, signal }: { readonly cursor?: string; readonly signal: AbortSignal },
): AsyncGenerator<{ heard: readonly Observation[]; cursor: string }> {
  const { folder, system, patches, window } = api.settings
  const other = system === 'crm' ? 'erp' : 'crm'
  let next = Number(cursor ?? 0)
  let allowed = 0
  while (!signal.aborted) {
    const echoes = api.echoes.splice(0, batch)
    if (echoes.length > 0) {
      yield { heard: echoes, cursor: String(next) }
      api.tellSoon()
      continue
    }
    if (next >= Math.min(allowed, patches)) {
      allowed = existsSync(goFile(folder)) ? tallyOf(folder, other).written + window : 0
      if (next >= Math.min(allowed, patches)) await api.host.sleep(tellEveryMs, signal)
      continue
    }
    const upTo = Math.min(next + batch, allowed, patches)
    yield { heard: Array.from({ length: upTo - next }, (_, i) => api.patch(next + i)), cursor: String(upTo) }
    next = upTo
  }
}

export const memory = connector(
  'memory',
  {
    settings,
    connect: (given, host) => new MemorySystem(given, host),
    test: async () => true,
    clock: async api => new Date(api.host.now()).toISOString(),
    follow,
  },
  { concurrency: 8, longestCallMs: 5_000 },
).object('Item', {
  fields: nativeFields,
  batch,
  read: async (api, ids) => ids.map(id => api.record(Number(id.slice(1)))),
  list: async (api, page = '0') => {
    const from = Number(page)
    const upTo = Math.min(api.settings.records, from + 1_000)
    const records = Array.from({ length: upTo - from }, (_, i) => api.record(from + i))
    return { records, ...(upTo < api.settings.records && { next: String(upTo) }) }
  },
  write: async (api, writes) => api.take(writes),
})

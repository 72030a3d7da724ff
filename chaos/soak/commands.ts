// What people and faults do to one record.
import fc from 'fast-check'
import { judge, ownerOf, type Truth } from './judge.ts'
import type { Rest } from './rest.ts'
import { type Attribute, attributes, type Fault, faults } from './system.ts'
import { type Name, names, type Systems } from './world.ts'

export type Real = {
  readonly systems: Systems
  readonly rest: Rest
  commands: number
  /** Each system has the record, and the engine knows. */
  isEverywhere: boolean
}
export type Command = fc.AsyncCommand<Truth, Real>

/** What a person types into a field; null empties it. */
type Typed = Readonly<Partial<Record<Attribute, string | null>>>

/**
 * Whoever does not own a field types what nobody who owned it ever would: were it what stands there, or is about to, a write of that
 * which is under way just then would change nothing, and no system could know.
 */
const asForeign = (value: string | null): string => (value === null ? '' : `${value} (so I think)`)

/**
 * A person's edit of some attributes at once, in whichever system they sit. What somebody else owns they edit once the owner has the
 * record: until then nobody says what is to stand there instead.
 */
class Edit implements Command {
  readonly where: Name
  readonly by: string
  readonly typed: Typed
  constructor(where: Name, by: string, typed: Typed) {
    this.where = where
    this.by = by
    this.typed = typed
  }
  check = (): boolean => true
  async run(truth: Truth, real: Real): Promise<void> {
    real.commands++
    await isThere(this.where, truth, real)
    const typed = Object.entries(this.typed) as [Attribute, string | null][]
    const own = typed.filter(([attribute]) => ownerOf(attribute, truth) === this.where)
    const foreign = typed.filter(one => !own.includes(one)).map(([attribute, value]) => [attribute, asForeign(value)])
    const made = real.systems[this.where].edit(
      this.by,
      truth.label,
      Object.fromEntries(real.isEverywhere ? [...own, ...foreign] : own),
    )
    for (const [attribute] of own) truth.values[attribute] = made[attribute] ?? null
  }
  toString = (): string => `${this.by} in ${this.where}: ${JSON.stringify(this.typed)}`
}

/** Somebody sets what others' ownership depends on, without owning it: nothing passes on. They never take it back by themselves. */
class Presume implements Command {
  readonly where: Name
  readonly attribute: 'Status' | 'Channel'
  readonly value: string
  constructor(where: Name, attribute: 'Status' | 'Channel', value: string) {
    this.where = where
    this.attribute = attribute
    this.value = value
  }
  check = (truth: Readonly<Truth>): boolean =>
    ownerOf(this.attribute, truth) !== this.where && truth.values[this.attribute] !== this.value
  /** Not before the owner has the record, either. */
  async run(truth: Truth, real: Real): Promise<void> {
    real.commands++
    if (!real.isEverywhere) await isEverywhere(truth, real)
    real.systems[this.where].edit('Pat', truth.label, { [this.attribute]: this.value })
  }
  toString = (): string => `Pat in ${this.where}: ${this.attribute} is ${this.value}`
}

/** Ownership passes on: all are agreed before and after, since the owner is who owns it when it is decided. */
class PassOn implements Command {
  readonly attribute: 'Status' | 'Channel'
  readonly value: string
  constructor(attribute: 'Status' | 'Channel', value: string) {
    this.attribute = attribute
    this.value = value
  }
  check({ values }: Truth): boolean {
    if (this.attribute === 'Channel') return values.Channel !== this.value
    return values.Status === null ? this.value === 'booked' : values.Status === 'booked' && this.value === 'closed'
  }
  async run(truth: Truth, real: Real): Promise<void> {
    real.commands++
    await isEverywhere(truth, real)
    real.systems[ownerOf(this.attribute, truth)].edit('Petra', truth.label, { [this.attribute]: this.value })
    truth.values[this.attribute] = this.value
    await judge(truth, real.systems, real.rest)
  }
  toString = (): string => `Petra passes on: ${this.attribute} is ${this.value}`
}

class GoWrong implements Command {
  readonly where: Name
  readonly fault: Fault
  constructor(where: Name, fault: Fault) {
    this.where = where
    this.fault = fault
  }
  check = (): boolean => true
  async run(truth: Truth, real: Real): Promise<void> {
    real.commands++
    real.systems[this.where].misbehave(truth.label, this.fault)
  }
  toString = (): string => `${this.where}: ${this.fault}`
}

class Pass implements Command {
  readonly ms: number
  constructor(ms: number) {
    this.ms = ms
  }
  check = (): boolean => true
  async run(_: Truth, real: Real): Promise<void> {
    real.commands++
    await new Promise(resolve => setTimeout(resolve, this.ms))
  }
  toString = (): string => `${this.ms} ms pass`
}

/** A person edits what they see on their screen. */
async function isThere(where: Name, truth: Truth, real: Real): Promise<void> {
  if (real.systems[where].of(truth.label).rows.length === 0) await isEverywhere(truth, real)
}

async function isEverywhere(truth: Truth, real: Real): Promise<void> {
  await judge(truth, real.systems, real.rest)
  real.isEverywhere = true
}

/** What is typed; every system's people have words of their own, so that each value says where it is from. */
const vocabulary = (where: Name): Readonly<Partial<Record<Attribute, readonly (string | null)[]>>> => {
  const words: Record<string, readonly (string | null)[]> = {
    Name: ['Ann', 'ann ', 'Bob', ' Çelik', 'BOB'],
    Phone: ['030 1234567890', '555', '030 1234567', null],
    Price: ['1', '2.50', '99', null],
    Stock: ['0', '7', '12'],
    Consent: ['granted', 'withdrawn'],
    Terms: ['net 30', 'net 60', 'now', null],
    Discount: ['0', '5', '10'],
  }
  const own = (value: string | null): string | null => (value === null || where === 'crm' ? value : `${where} ${value}`)
  return Object.fromEntries(Object.entries(words).map(([attribute, all]) => [attribute, all.map(own)]))
}

const typedIn = (where: Name): fc.Arbitrary<Typed> =>
  fc.record(
    Object.fromEntries(Object.entries(vocabulary(where)).map(([name, all]) => [name, fc.constantFrom(...all)])),
    { requiredKeys: [] },
  )
const somewhere = fc.constantFrom(...names)

/** `replay`: which commands of a failure were run, as its report says. */
export function commandsOf(most: number, withFaults: boolean, replay?: string): fc.Arbitrary<Iterable<Command>> {
  const edit = somewhere.chain(where =>
    fc
      .tuple(fc.constantFrom('Kim', 'Lee', 'INTEGRATION'), typedIn(where))
      .map(([by, typed]) => new Edit(where, by, typed)),
  )
  const stage = fc.constantFrom('booked', 'closed')
  const channel = fc.constantFrom('partner', 'direct')
  const passOn = fc.oneof(
    stage.map(value => new PassOn('Status', value)),
    channel.map(value => new PassOn('Channel', value)),
  )
  const presume = fc.oneof(
    fc.tuple(somewhere, stage).map(([where, value]) => new Presume(where, 'Status', value)),
    fc.tuple(somewhere, channel).map(([where, value]) => new Presume(where, 'Channel', value)),
  )
  const pass = fc.constantFrom(1, 10, 40, 150).map(ms => new Pass(ms))
  const goWrong = fc.tuple(somewhere, fc.constantFrom(...faults)).map(([where, fault]) => new GoWrong(where, fault))
  // Each comes as often as it is named.
  const all: fc.Arbitrary<Command>[] = [edit, edit, edit, edit, edit, presume, pass, pass, passOn]
  return fc.commands(withFaults ? [...all, goWrong, goWrong] : all, {
    maxCommands: most,
    size: 'max',
    ...(replay !== undefined && { replayPath: replay }),
  })
}

/** A new record, as a salesperson enters it. */
export function begin(systems: Systems, rest: Rest, label: string): { model: Truth; real: Real } {
  const empty = Object.fromEntries(attributes.map(name => [name, null])) as Truth['values']
  const entered = { Name: 'New', Channel: 'direct' }
  systems.crm.edit('Kim', label, entered)
  return {
    model: { label, values: { ...empty, ...entered, Label: label } },
    real: { systems, rest, commands: 0, isEverywhere: false },
  }
}

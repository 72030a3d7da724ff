// What people and faults do to one record, and what must then be true of it: every system holds what ownership says.
import fc from 'fast-check'
import { type Attribute, type Fault, faults, type SoakSystem, us } from './system.ts'
import { inConsent, inErp, type Name, type Systems } from './world.ts'

/** What is true of the record: each attribute as its owner last set it. */
export type Truth = {
  readonly label: string
  readonly values: Partial<Record<Attribute, string | null>>
}
export type Real = { readonly systems: Systems; commands: number }
type Command = fc.AsyncCommand<Truth, Real>
type Changes = Readonly<Partial<Record<Attribute, string | null>>>

const names: readonly Name[] = ['crm', 'erp', 'consent']
const settleWithinMs = 90_000

/** Who owns an attribute of the record as it stands. */
function ownerOf(attribute: Attribute, { values }: Truth): Name {
  if (attribute === 'Price' || attribute === 'Stock' || attribute === 'Status') return 'erp'
  if (attribute === 'Consent') return 'consent'
  if (attribute === 'Terms') return values.Status === 'booked' || values.Status === 'closed' ? 'erp' : 'crm'
  if (attribute === 'Discount') return values.Channel === 'partner' ? 'crm' : 'erp'
  return 'crm'
}

/** A person's edit of some attributes at once, in whichever system they sit. */
class Edit implements Command {
  readonly where: Name
  readonly by: string
  readonly changes: Changes
  constructor(where: Name, by: string, changes: Changes) {
    this.where = where
    this.by = by
    this.changes = changes
  }
  /** What its owner never gave a value nobody can put right. */
  check(truth: Truth): boolean {
    return this.#known(truth).length > 0
  }
  async run(truth: Truth, real: Real): Promise<void> {
    real.commands++
    const system = real.systems[this.where]
    await holds(
      () => system.find(truth.label).length === 1,
      () => `${truth.label} is not in ${this.where}`,
    )
    const changes = Object.fromEntries(this.#known(truth))
    const made = system.edit(this.by, truth.label, changes as never)
    for (const attribute of Object.keys(changes) as Attribute[])
      if (ownerOf(attribute, truth) === this.where && isSaid(attribute, made, truth))
        truth.values[attribute] = made[attribute] ?? null
  }
  #known(truth: Truth): [string, string | null][] {
    return Object.entries(this.changes).filter(
      ([attribute]) =>
        ownerOf(attribute as Attribute, truth) === this.where || truth.values[attribute as Attribute] !== undefined,
    ) as [string, string | null][]
  }
  toString = (): string => `${this.by} in ${this.where}: ${JSON.stringify(this.changes)}`
}

/** Empty is a value once there was one. */
const isSaid = (attribute: Attribute, made: Changes, { values }: Truth): boolean =>
  (made[attribute] ?? null) !== null || values[attribute] !== undefined

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
    return values.Status === undefined ? this.value === 'booked' : values.Status === 'booked' && this.value === 'closed'
  }
  async run(truth: Truth, real: Real): Promise<void> {
    real.commands++
    await settled(truth, real)
    const owner = ownerOf(this.attribute, truth)
    real.systems[owner].edit('Petra', truth.label, { [this.attribute]: this.value })
    truth.values[this.attribute] = this.value
    await settled(truth, real)
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

class Rest implements Command {
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

const values: Readonly<Record<Exclude<Attribute, 'Label' | 'Status' | 'Channel'>, readonly (string | null)[]>> = {
  Name: ['Ann', 'ann ', 'Bob', ' Çelik', 'BOB'],
  Phone: ['030 1234567890', '555', '030 1234567', null],
  Price: ['1', '2.50', '99', null],
  Stock: ['0', '7', '12'],
  Consent: ['granted', 'withdrawn'],
  Terms: ['net 30', 'net 60', 'now', null],
  Discount: ['0', '5', '10'],
}
const change = fc.record(
  Object.fromEntries(Object.entries(values).map(([name, all]) => [name, fc.constantFrom(...all)])),
  { requiredKeys: [] },
) as fc.Arbitrary<Changes>
const where = fc.constantFrom(...names)

export const commandsOf = (most: number, withFaults: boolean): fc.Arbitrary<Iterable<Command>> => {
  const edit = fc
    .tuple(where, fc.constantFrom('Kim', 'Lee', 'INTEGRATION'), change)
    .map(([where, by, changes]) => new Edit(where, by, changes))
  const passOn = fc.oneof(
    fc.constantFrom('booked', 'closed').map(stage => new PassOn('Status', stage)),
    fc.constantFrom('partner', 'direct').map(channel => new PassOn('Channel', channel)),
  )
  const rest = fc.constantFrom(1, 10, 40, 150).map(ms => new Rest(ms))
  const goWrong = fc.tuple(where, fc.constantFrom(...faults)).map(([where, fault]) => new GoWrong(where, fault))
  // Edits count several times: that is how often each comes.
  const all: fc.Arbitrary<Command>[] = [edit, edit, edit, edit, edit, rest, rest, passOn]
  return fc.commands(withFaults ? [...all, goWrong, goWrong] : all, { maxCommands: most, size: 'max' })
}

/** A new record, as a salesperson enters it. */
export function begin(systems: Systems, label: string): { model: Truth; real: Real } {
  const values = { Name: 'New', Channel: 'direct' }
  systems.crm.edit('Kim', label, values)
  return { model: { label, values: { ...values } }, real: { systems, commands: 0 } }
}

/** All systems hold what ownership says, each in its own form; and stay so. */
export async function settled(truth: Truth, { systems }: Real): Promise<void> {
  const differences = (): string[] => names.flatMap(name => differencesIn(name, systems[name], truth))
  await holds(
    () => differences().length === 0,
    () => `${truth.label} does not come to rest: ${differences().join('; ')}`,
  )
}

/** Every write of ours changed something, or came after a doubt. */
export const echoesIn = (systems: Systems): number =>
  names.reduce(
    (sum, name) =>
      sum + systems[name].journal.filter(one => one.by === us && one.changed.length === 0 && !one.isAfterDoubt).length,
    0,
  )

function differencesIn(name: Name, system: SoakSystem, truth: Truth): string[] {
  const found = system.find(truth.label)
  if (found.length !== 1) return [`${found.length} records in ${name}`]
  return Object.entries(truth.values).flatMap(([attribute, value]) => {
    const is = found[0]?.[attribute as Attribute] ?? null
    const should = formIn(name, attribute as Attribute, value ?? null, truth)
    return is === should ? [] : [`${attribute} in ${name} is ${is} instead of ${should}`]
  })
}

function formIn(name: Name, attribute: Attribute, value: string | null, truth: Truth): string | null {
  if (value === null || ownerOf(attribute, truth) === name) return value
  if (name === 'erp' && attribute === 'Name') return inErp(value)
  return name === 'consent' && attribute === 'Phone' ? inConsent(value) : value
}

async function holds(what: () => boolean, otherwise: () => string): Promise<void> {
  const late = performance.now() + settleWithinMs
  while (!what()) {
    if (performance.now() > late) throw new Error(otherwise())
    await new Promise(resolve => setTimeout(resolve, 15))
  }
}

// What it brings about that a record disappears from a system, or comes back: as its contract says for the system's role.
import type { Gone } from '@plumbline/sdk'
import type { Host } from '../host.ts'
import { aboutOf, titleOf } from '../kernel/naming.ts'
import { goneWord, type Plan } from '../kernel/plan.ts'
import { homesOf } from '../kernel/routes.ts'
import type { StoredRecord } from '../kernel/rows.ts'
import type { Mark } from '../store/follow-up.ts'
import type { Outcome, Seen } from './seen.ts'

/**
 * A record that a system deleted stays deleted there: where it lives says where it is brought to, not that nobody may delete
 * it. In the others it is closed or deleted, or nothing happens to it. Being told of it twice changes nothing.
 */
export function comeOrGone(plan: Plan, host: Host, seen: Seen, next: StoredRecord, outcome: Outcome): void {
  const was = seen.known?.gone ?? false
  // What was never seen there has not disappeared.
  if (seen.gone === was || seen.known === undefined) return
  for (const ref of [next.ref, ...aboutOf(seen.contract, next.fields)]) outcome.woken.add(ref)
  if (!seen.gone) returned(plan, host, seen, next, outcome)
  // Deleted by ourselves, because it disappeared elsewhere.
  else if (!seen.ours) disappeared(plan, host, seen, next, outcome)
}

function disappeared(plan: Plan, host: Host, seen: Seen, next: StoredRecord, outcome: Outcome): void {
  const word = goneWord(seen.contract, seen.system)
  const closed = word === 'close' || word === 'propagate' ? othersOf(plan, seen, next) : []
  // Whether it is closed or deleted is read from the contract when it is carried out (deliver/gone.ts).
  outcome.marks.push(...closed.map(system => ({ ...markOf(seen, next, system), close: true })))
  outcome.events.push(event(host, 'record.gone', seen, next, { word, becomes: becomes[word], in: closed }))
}

const becomes: Readonly<Record<Gone, string>> = {
  ignore: 'Nothing happens to it elsewhere',
  close: 'It is closed elsewhere',
  archive: 'It is kept as it is, and brought nowhere any more',
  propagate: 'It is deleted elsewhere',
}

/** It is known under its links again, and brought up to date. What was closed or deleted elsewhere stays so: a person decides. */
function returned(plan: Plan, host: Host, seen: Seen, next: StoredRecord, outcome: Outcome): void {
  const word = goneWord(seen.contract, seen.system)
  const again = word === 'archive' ? othersOf(plan, seen, next) : []
  outcome.marks.push(...[seen.system.name, ...again].map(system => markOf(seen, next, system)))
  outcome.events.push(event(host, 'record.returned', seen, next, { word }))
}

/** The other systems that have it or are to have it. */
function othersOf(plan: Plan, { contract, system, heldIn }: Seen, next: StoredRecord): string[] {
  const born = contract.options.bornBy === undefined || next.born
  const homes = born ? homesOf(plan, contract, next) : []
  return [...new Set([...heldIn, ...homes.map(home => home.name)])].filter(name => name !== system.name)
}

const markOf = ({ contract }: Seen, next: StoredRecord, system: string): Mark => ({
  ref: next.ref,
  system,
  contract: contract.contract,
  wanted: next.version,
})

const event = (host: Host, type: string, { contract, system, source }: Seen, next: StoredRecord, more: object) => ({
  id: host.uuid(),
  type,
  subject: next.ref,
  data: {
    contract: contract.contract,
    title: titleOf(contract, next),
    system: system.name,
    by: source.by ?? null,
    ...more,
  },
})

// The CPU that processes started from here have used, from /proc: also that of processes which have ended and were reaped.
import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds of CPU by kind of process. */
export type Cpu = Readonly<Record<string, number>>
/** Names the kind of a process we started by its command line; undefined leaves it out. */
export type KindOf = (command: string) => string | undefined

type Process = { readonly pid: number; readonly parent: number; readonly cpuMs: number }

/** The kernel counts in hundredths of a second on every architecture that we run on. */
const tickMs = 10

/** What all descendants of this process have used so far, each counted with the child of ours that it descends from. */
export function cpuUsed(kindOf: KindOf): Cpu {
  const childrenOf = Map.groupBy(processes(), one => one.parent)
  const used: Record<string, number> = {}
  for (const child of childrenOf.get(process.pid) ?? []) {
    const kind = kindOf(commandOf(child.pid))
    if (kind !== undefined) used[kind] = (used[kind] ?? 0) + sumOf(child, childrenOf)
  }
  return used
}

/** What was used between two readings, divided by how much was done. */
export const cpuPer = (done: number, before: Cpu, after: Cpu): Record<string, number> =>
  Object.fromEntries(Object.entries(after).map(([kind, ms]) => [kind, (ms - (before[kind] ?? 0)) / done]))

function sumOf(one: Process, childrenOf: ReadonlyMap<number, readonly Process[]>): number {
  return (childrenOf.get(one.pid) ?? []).reduce((sum, child) => sum + sumOf(child, childrenOf), one.cpuMs)
}

function processes(): Process[] {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    const found = processIn(name)
    return found ? [found] : []
  })
}

function processIn(pid: string): Process | undefined {
  const stat = textOf(`/proc/${pid}/stat`)
  // The name, in parentheses, may hold anything; what follows it are numbers. Own and reaped children's, user and system.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const parent = Number(fields[1])
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return fields.length > 15 ? { pid: Number(pid), parent, cpuMs: ticks * tickMs } : undefined
}

const commandOf = (pid: number): string => textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')

/** Empty when the process has just ended. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** The processes of a world by their scripts. */
export const kindOfProcess: KindOf = command => {
  if (/\/postgres -D/.test(command)) return 'postgres'
  if (command.includes('cli/src/main.ts')) return 'engine'
  if (command.includes('sandbox/salesforce/')) return 'salesforce'
  if (command.includes('sandbox/sap-s4hana/')) return 's4'
  if (command.includes('bench/answering.ts')) return 'server'
  return undefined
}

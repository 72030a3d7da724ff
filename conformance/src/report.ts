// A report as a person reads it, and as a machine does.
import type { PointName } from './points/index.ts'

export type Result = {
  readonly point: PointName
  readonly says: string
  /** Of which object; absent where the connector as a whole is meant. */
  readonly object?: string
  readonly result: 'proved' | 'failed' | 'absent' | 'not tried'
  /** Why it failed, or is absent. */
  readonly words?: string
}

export type Report = { readonly connector: string; readonly results: readonly Result[] }

const marks = { proved: 'proved', failed: 'FAILED', absent: 'absent', 'not tried': 'left out' } as const

/** What is absent, with its reason, each reason once for all the points that it is the reason of. */
export function absences({ results }: Report): string {
  const absent = results.filter(({ result }) => result === 'absent')
  const groups = Map.groupBy(absent, ({ object = '', words }) => `${'absent'.padEnd(9)}${object.padEnd(16)} ${words}`)
  return [...groups]
    .map(([reason, of]) => `${reason}\n${' '.repeat(26)}${of.map(({ point }) => point).join(', ')}`)
    .join('\n')
}

/** One line of the table. */
export function line({ point, says, object, result, words }: Result): string {
  const row = `${marks[result].padEnd(9)}${point.padEnd(21)}${(object ?? '').padEnd(16)} ${says}`
  return words === undefined ? row : `${row}\n${' '.repeat(47)}${words}`
}

export const headline = (connector: string): string =>
  `${connector}: what the engine relies on, tried against the live system\n\n${'result'.padEnd(9)}${'point'.padEnd(21)}${'object'.padEnd(16)} promise`

export function summary(report: Report): string {
  const { passed, failed, absent, left } = counts(report)
  const rest = left > 0 ? `, ${left} left out by the short form` : ''
  return `${passed} proved, ${failed} failed, ${absent.length} absent with their reasons${rest}`
}

/** For CI, on one line. */
export function json(report: Report): string {
  const { passed, failed, absent, left } = counts(report)
  const failures = report.results.filter(({ result }) => result === 'failed').map(named)
  return JSON.stringify({
    connector: report.connector,
    passed,
    failed,
    absent: absent.map(named),
    ...(failures.length > 0 && { failures }),
    ...(left > 0 && { notTried: left }),
  })
}

const named = ({ point, object, words }: Result) => ({ point, ...(object !== undefined && { object }), because: words })

function counts({ results }: Report) {
  const of = (wanted: Result['result']) => results.filter(({ result }) => result === wanted)
  return {
    passed: of('proved').length,
    failed: of('failed').length,
    absent: of('absent'),
    left: of('not tried').length,
  }
}

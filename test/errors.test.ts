// docs/errors.md tells of every code that a person or a program may meet, and of no other.
import { describe, expect, test } from 'vitest'
import { FAILURES } from '../cli/src/failure.ts'
import { PROBLEMS } from '../engine/src/gateway/problems.ts'
import { CHECKS } from '../engine/src/kernel/finding.ts'
import { filesIn, read } from './support/sources.ts'

/** The rows of the table under a heading, cell by cell. */
function tableUnder(heading: string): string[][] {
  const section =
    read('docs/errors.md')
      .split(/^## /m)
      .find(text => text.startsWith(heading)) ?? ''
  const rows = section.split('\n').filter(line => line.startsWith('| `'))
  return rows.map(row =>
    row
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim().replace(/^`|`$/g, '')),
  )
}

describe('The page of errors', () => {
  test('has every code of the commands', () => {
    expect(tableUnder('Commands').map(([code, meaning]) => [code, meaning])).toEqual(Object.entries(FAILURES))
  })

  test('has every code of the admin API, with its status', () => {
    const problems = Object.entries(PROBLEMS).map(([code, { status, title }]) => [code, String(status), title])
    expect(tableUnder('Admin API').map(row => row.slice(0, 3))).toEqual(problems)
  })

  test('has every finding of a check', () => {
    expect(tableUnder('Findings').map(([code, meaning]) => [code, meaning])).toEqual(Object.entries(CHECKS))
  })

  test('says for each what to do', () => {
    const rows = ['Commands', 'Admin API', 'Findings'].flatMap(tableUnder)
    expect(rows.filter(row => (row.at(-1) ?? '') === '')).toEqual([])
  })
})

test('every code of the catalogues is used', () => {
  const catalogues = ['cli/src/failure.ts', 'engine/src/gateway/problems.ts', 'engine/src/kernel/finding.ts']
  const code = ['cli/src', 'engine/src']
    .flatMap(folder => filesIn(folder, '.ts'))
    .map(path =>
      catalogues.includes(path) ? read(path).replace(/export const [A-Z]+ = \{[\s\S]*?\} as const/, '') : read(path),
    )
    .join('\n')
  const codes = [FAILURES, PROBLEMS, CHECKS].flatMap(catalogue => Object.keys(catalogue))
  expect(codes.filter(one => !code.includes(`'${one}'`))).toEqual([])
})

// The facts of a question, whatever a workflow gave: figures side by side, lists as tables.
import type { ReactNode } from 'react'
import { type Amount, absolute, count, day, money } from '../../words/format.ts'
import { labelOf } from '../../words/label.ts'
import styles from './tasks.module.css'

type Facts = Readonly<Record<string, unknown>>

export function FactList({ facts }: { facts: Facts }) {
  const given = Object.entries(facts).filter(([, value]) => value !== null && value !== undefined)
  const tables = given.filter(([, value]) => isTable(value))
  const single = given.filter(([, value]) => !isTable(value))
  if (given.length === 0) return <p className="quiet">The question comes without facts.</p>
  return (
    <>
      {single.length > 0 && (
        <dl className={styles.facts}>
          {single.map(([name, value]) => (
            <div key={name}>
              <dt>{labelOf(name)}</dt>
              <dd>{told(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {tables.map(([name, rows]) => isTable(rows) && <FactTable key={name} name={name} rows={rows} />)}
    </>
  )
}

function FactTable({ name, rows }: { name: string; rows: readonly Facts[] }) {
  const columns = [...new Set(rows.flatMap(row => Object.keys(row)))].sort((a, b) => rank(rows, a) - rank(rows, b))
  return (
    <table className={styles.factTable}>
      <caption>{labelOf(name)}</caption>
      <thead>
        <tr>
          {columns.map(column => (
            <th key={column} scope="col" data-figure={isFigure(rows[0]?.[column])}>
              {labelOf(column)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the facts of a question never change
          <tr key={i}>
            {columns.map(column => (
              <td key={column} data-figure={isFigure(row[column])}>
                {told(row[column])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** As a table is read, since facts come in no order: what it is, how many, how much, and the small print at the end. */
function rank(rows: readonly Facts[], column: string): number {
  const values = rows.map(row => row[column])
  if (values.some(isAmount)) return 2
  if (values.some(isFigure)) return 1
  return values.some(value => typeof value === 'string' && value.length > LONG) ? 3 : 0
}
const LONG = 32

function told(value: unknown): ReactNode {
  if (value === null || value === undefined || value === '') return '–'
  if (isAmount(value)) return money(value)
  if (typeof value === 'number') return count(value)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string') return toldText(value)
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(one => String(told(one))).join(', ')
  return Object.entries(value)
    .map(([name, one]) => `${labelOf(name)} ${String(told(one))}`)
    .join(', ')
}

function toldText(text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return day(`${text}T00:00:00`)
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text))) return absolute(text)
  return text
}

const isObject = (value: unknown): value is Facts =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isAmount = (value: unknown): value is Amount =>
  isObject(value) && typeof value.amount === 'string' && (typeof value.currency === 'string' || value.currency === null)
const isTable = (value: unknown): value is readonly Facts[] =>
  Array.isArray(value) && value.length > 0 && value.every(one => isObject(one) && !isAmount(one))
const isFigure = (value: unknown): boolean =>
  isAmount(value) || typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))

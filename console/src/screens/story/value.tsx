// Any value of a record or a payload, for people: amounts with their currency, other records as ways to them, lists as tables.
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { nameQuery } from '../../api/queries.ts'
import { money } from '../../words/format.ts'
import { labelOf } from '../../words/label.ts'
import { isAmount, isObject, isReference } from './known.ts'
import styles from './value.module.css'

type Fields = Readonly<Record<string, unknown>>
/** Leads to another record; without it, the record is only named. */
type Open = ((ref: string) => void) | undefined

export function Value({ of, onOpen }: { of: unknown; onOpen?: Open }): ReactNode {
  if (of === null || of === undefined) return <span className="quiet">nothing</span>
  if (of === '') return <span className="quiet">an empty text</span>
  if (typeof of === 'boolean') return of ? 'yes' : 'no'
  if (typeof of === 'string' || typeof of === 'number') return <span className={styles.value}>{of}</span>
  if (isAmount(of)) return <span className="figures">{money(of)}</span>
  if (isReference(of)) return <Reference to={of.id} onOpen={onOpen} />
  if (isTable(of)) return <Table rows={of} onOpen={onOpen} />
  const text = JSON.stringify(of, undefined, 2)
  return text.length < 60 ? <code>{JSON.stringify(of)}</code> : <pre className={styles.json}>{text}</pre>
}

/** Another record, by its name as soon as that is known. */
function Reference({ to, onOpen }: { to: string; onOpen: Open }) {
  const name = useQuery({ ...nameQuery(to), enabled: onOpen !== undefined }).data
  if (!onOpen) return <span className={styles.value}>{to}</span>
  return (
    <button type="button" className={styles.reference} title={to} onClick={() => onOpen(to)}>
      {name ?? to}
    </button>
  )
}

function Table({ rows, onOpen }: { rows: readonly Fields[]; onOpen: Open }) {
  const columns = [...new Set(rows.flatMap(row => Object.keys(row)))]
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          {columns.map(column => (
            <th key={column} scope="col">
              {labelOf(column)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a value have no other name
          <tr key={i}>
            {columns.map(column => (
              <td key={column}>
                <Value of={row[column]} onOpen={onOpen} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A few columns of plain values: more would be no table that a person reads. */
const isTable = (value: unknown): value is readonly Fields[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every(row => isObject(row) && Object.values(row).every(cell => !Array.isArray(cell))) &&
  new Set(value.flatMap(row => Object.keys(row))).size <= 6

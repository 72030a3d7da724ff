// Any value of a record or a payload, as text: short ones in the line, others as they are written.
import { money } from '../../words/format.ts'
import styles from './timeline.module.css'

export function Value({ of }: { of: unknown }) {
  if (of === null || of === undefined) return <span className="quiet">nothing</span>
  if (of === '') return <span className="quiet">an empty text</span>
  if (typeof of === 'boolean') return <>{of ? 'yes' : 'no'}</>
  if (typeof of === 'string' || typeof of === 'number') return <span className={styles.value}>{of}</span>
  if (isAmount(of)) return <span className="figures">{money(of)}</span>
  const text = JSON.stringify(of, undefined, 2)
  return text.length < 60 ? <code>{JSON.stringify(of)}</code> : <pre className={styles.json}>{text}</pre>
}

const isAmount = (value: unknown): value is { amount: string; currency: string | null } =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).length === 2 &&
  'amount' in value &&
  typeof value.amount === 'string' &&
  'currency' in value &&
  (typeof value.currency === 'string' || value.currency === null)

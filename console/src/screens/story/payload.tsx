// A payload before and after mapping, field beside field.
import { useState } from 'react'
import type { Payload } from '../../api/types.ts'
import { counted } from '../../words/format.ts'
import { type Aligned, align, type Leaf } from './align.ts'
import styles from './timeline.module.css'
import { Value } from './value.tsx'

const KINDS: Readonly<Record<Aligned['kind'], string>> = {
  same: 'the same',
  renamed: 'renamed',
  converted: 'converted',
  native: 'not mapped',
  canonical: 'not sent',
}

export function PayloadTable({ payload, system, outward }: { payload: Payload; system: string; outward: boolean }) {
  const [all, setAll] = useState(false)
  const rows = align(payload.native, payload.canonical)
  const mapped = rows.filter(row => row.kind !== 'native')
  const left = rows.length - mapped.length
  const shown = all || mapped.length === 0 ? rows : mapped
  const sides = outward
    ? { before: 'As Plumbline has it', after: `As it was sent to ${system}` }
    : { before: `As ${system} told it`, after: 'As Plumbline understood it' }
  return (
    <>
      <table className={styles.payload}>
        <thead>
          <tr>
            <th scope="col" colSpan={2}>
              {sides.before}
            </th>
            <th scope="col">
              <span className="sr-only">What the mapping did</span>
            </th>
            <th scope="col" colSpan={2}>
              {sides.after}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(row => {
            const [before, after] = outward ? [row.canonical, row.native] : [row.native, row.canonical]
            return (
              <tr key={`${row.native?.path} ${row.canonical?.path}`} data-kind={row.kind}>
                <Side leaf={before} />
                <td className={styles.relation}>{before && after ? KINDS[row.kind] : wordFor(row, outward)}</td>
                <Side leaf={after} />
              </tr>
            )
          })}
        </tbody>
      </table>
      {left > 0 && mapped.length > 0 && (
        <button type="button" className={styles.textButton} onClick={() => setAll(!all)}>
          {all ? 'Hide' : 'Show'} {counted(left, 'field')} of {system} that no mapping uses
        </button>
      )}
      {payload.cut && <p className="quiet">{payload.cut}</p>}
    </>
  )
}

/** A side that has no partner: what that means depends on which way it went. */
function wordFor({ kind }: Aligned, outward: boolean): string {
  if (outward) return kind === 'native' ? 'added' : 'not sent'
  return kind === 'native' ? 'not mapped' : 'derived'
}

const Side = ({ leaf }: { leaf: Leaf | undefined }) =>
  leaf ? (
    <>
      <th scope="row">{leaf.path}</th>
      <td>
        <Value of={leaf.value} />
      </td>
    </>
  ) : (
    <>
      <td className="quiet">–</td>
      <td />
    </>
  )

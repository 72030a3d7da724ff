// A payload before and after mapping, field beside field.
import { Fragment, useState } from 'react'
import type { Payload } from '../../api/types.ts'
import { counted } from '../../words/format.ts'
import { type Aligned, align, type Leaf } from './align.ts'
import styles from './timeline.module.css'
import { Value } from './value.tsx'

const KINDS: Readonly<Record<Aligned['kind'], string>> = {
  same: 'the same',
  renamed: 'renamed',
  converted: 'converted',
  native: 'only here',
  canonical: 'only here',
}

export function PayloadTable({ payload, system, outward }: { payload: Payload; system: string; outward: boolean }) {
  // What was sent is all of interest; what a system told may be much that nobody asked for.
  const [all, setAll] = useState(outward)
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
                <td className={styles.relation}>{KINDS[row.kind]}</td>
                <Side leaf={after} />
              </tr>
            )
          })}
        </tbody>
      </table>
      {left > 0 && mapped.length > 0 && (
        <button type="button" className={styles.textButton} onClick={() => setAll(!all)}>
          {all ? 'Hide' : 'Show'} {counted(left, 'more field', 'more fields')} of {system}
        </button>
      )}
      <p className="quiet">Fields stand beside each other by what they are called and what is in them.</p>
      {payload.cut && <p className="quiet">{payload.cut}</p>}
    </>
  )
}

/** A long way may break where its parts end. */
const Path = ({ path }: { path: string }) =>
  path.split(/(?<=[._\]])/).map((part, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a way have no other name
    <Fragment key={i}>
      {part}
      <wbr />
    </Fragment>
  ))

const Side = ({ leaf }: { leaf: Leaf | undefined }) =>
  leaf ? (
    <>
      <th scope="row">
        <Path path={leaf.path} />
      </th>
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

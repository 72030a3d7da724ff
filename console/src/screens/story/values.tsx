// One record explained: each field's value, whose it is and where it came from; a click says why. And what each system holds.
import { Button, Drawer } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { fieldsQuery, recordQuery } from '../../api/queries.ts'
import type { Explained, FieldLine } from '../../api/types.ts'
import { Ago } from '../../parts/ago.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { LoadingRows } from '../../parts/loading.tsx'
import { useStands } from '../../parts/opening.ts'
import { labelOf } from '../../words/label.ts'
import styles from './records.module.css'
import { Value } from './value.tsx'
import { type Asked, Why } from './why.tsx'

type Ways = {
  readonly onOpen: (ref: string) => void
  /** Opens the explanation of a field, of this record or of another; without one, all fields. */
  readonly onWhy: (asked: { readonly ref: string; readonly field: string | undefined }) => void
}

export default function Values({
  reference,
  field,
  onClose,
  ...ways
}: {
  reference: string | undefined
  field: string | undefined
  onClose: () => void
} & Ways) {
  const stands = useStands()
  const { data, error, refetch } = useQuery({ ...recordQuery(reference ?? ''), enabled: reference !== undefined })
  return (
    <Drawer
      opened={reference !== undefined && stands}
      onClose={onClose}
      position="right"
      size={680}
      title={data?.title ?? reference ?? ''}
      lockScroll={false}
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Close' }}
      transitionProps={{ duration: 120 }}
    >
      {!data ? (
        error ? (
          <Failure error={error} again={() => void refetch()} />
        ) : (
          <LoadingRows rows={6} what="the values" />
        )
      ) : field === undefined ? (
        <Explanation record={data} {...ways} />
      ) : (
        <OneField asked={{ contract: data.contract, ref: data.ref, field }} onWhy={ways.onWhy} />
      )}
    </Drawer>
  )
}

const OneField = ({ asked, onWhy }: { asked: Asked; onWhy: Ways['onWhy'] }) => (
  <div className={styles.explained}>
    <div>
      <Button size="compact-xs" variant="default" onClick={() => onWhy({ ref: asked.ref, field: undefined })}>
        ‹ All values
      </Button>
    </div>
    <Why key={`${asked.ref} ${asked.field}`} asked={asked} onWhy={onWhy} />
  </div>
)

const Explanation = ({ record, onOpen, onWhy }: { record: Explained } & Ways) => (
  <div className={styles.explained}>
    <p className="quiet">
      {record.contract}, version {record.version}, changed <Ago at={record.at} />. <code>{record.ref}</code>
    </p>
    {record.mergedInto ? (
      <p>
        It was merged into{' '}
        <button type="button" className={styles.textButton} onClick={() => onOpen(record.mergedInto ?? '')}>
          {record.mergedInto}
        </button>
        .
      </p>
    ) : (
      <FieldTable record={record} onOpen={onOpen} onWhy={onWhy} />
    )}
    <h3>What each system holds</h3>
    {record.holdings.length === 0 && <p className="quiet">No system holds it yet.</p>}
    {record.holdings.map(({ system, object, nativeId, native, gone, at }) => (
      <details key={`${system} ${nativeId}`} className={styles.holding}>
        <summary>
          <strong>{system}</strong> {object} {nativeId}
          {gone && ' (gone)'}, as of <Ago at={at} />
        </summary>
        <dl>
          {Object.entries(native).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Value of={value} />
              </dd>
            </div>
          ))}
        </dl>
      </details>
    ))}
  </div>
)

function FieldTable({ record, onOpen, onWhy }: { record: Explained } & Ways) {
  const { data, error, refetch } = useQuery(fieldsQuery(record.contract, record.ref))
  if (!data)
    return error ? <Failure error={error} again={() => void refetch()} /> : <LoadingRows rows={6} what="the values" />
  if (data.fields.every(one => one.value === null))
    return <Empty title="It has no values yet">What the systems tell of it stands here as soon as they do.</Empty>
  return (
    <table className={styles.values}>
      <caption className="sr-only">The fields of {record.title}</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Value</th>
          <th scope="col">Owner</th>
          <th scope="col">Where it came from</th>
        </tr>
      </thead>
      <tbody>
        {data.fields.map(one => (
          <tr key={one.field}>
            <th scope="row">{one.label}</th>
            <td>{Array.isArray(one.value) ? one.words : <Value of={one.value} onOpen={onOpen} />}</td>
            <td title={one.owner.rule}>
              {one.owner.role ? labelOf(one.owner.role) : <span className="quiet">{one.owner.rule}</span>}
            </td>
            <td>
              <button
                type="button"
                className={styles.textButton}
                title={one.because}
                onClick={() => onWhy({ ref: record.ref, field: one.field })}
              >
                <span className="sr-only">
                  Why {one.label} is {one.words}:{' '}
                </span>
                <From of={one} />
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** In a few words: who or what, where, and when. */
function From({ of: { system, by, journey, changedAt, how } }: { of: FieldLine }) {
  if (how === null) return 'nobody yet'
  const where = [by, journey?.workflow ?? system].filter(Boolean).join(' in ')
  return (
    <>
      {where || how}
      {changedAt && (
        <>
          , <Ago at={changedAt} />
        </>
      )}
    </>
  )
}

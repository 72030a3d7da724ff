// One record explained: each field's value, and where it came from; and what each system holds of it.
import { Drawer } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { recordQuery } from '../../api/queries.ts'
import type { Explained } from '../../api/types.ts'
import { Ago } from '../../parts/ago.tsx'
import { Failure } from '../../parts/failure.tsx'
import { LoadingRows } from '../../parts/loading.tsx'
import { labelOf } from '../../words/label.ts'
import styles from './records.module.css'
import { sourceOf } from './source.ts'
import { Value } from './value.tsx'

export function Values({
  reference,
  onClose,
  onOpen,
}: {
  reference: string | undefined
  onClose: () => void
  onOpen: (ref: string) => void
}) {
  const { data, error, refetch } = useQuery({ ...recordQuery(reference ?? ''), enabled: reference !== undefined })
  return (
    <Drawer
      opened={reference !== undefined}
      onClose={onClose}
      position="right"
      size={640}
      title={data?.title ?? reference ?? ''}
      lockScroll={false}
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Close' }}
      transitionProps={{ duration: 120 }}
    >
      {data ? (
        <Explanation record={data} onOpen={onOpen} />
      ) : error ? (
        <Failure error={error} again={() => void refetch()} />
      ) : (
        <LoadingRows rows={6} what="the values" />
      )}
    </Drawer>
  )
}

const Explanation = ({ record, onOpen }: { record: Explained; onOpen: (ref: string) => void }) => (
  <div className={styles.explained}>
    <p className="quiet">
      {record.contract}, version {record.version}, changed <Ago at={record.at} />. <code>{record.ref}</code>
    </p>
    {record.mergedInto && (
      <p>
        It was merged into{' '}
        <button type="button" className={styles.textButton} onClick={() => onOpen(record.mergedInto ?? '')}>
          {record.mergedInto}
        </button>
        .
      </p>
    )}
    <table className={styles.values}>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Value</th>
          <th scope="col">Where it came from</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(record.fields).map(([field, value]) => (
          <tr key={field}>
            <th scope="row">{labelOf(field)}</th>
            <td>
              <Value of={value} onOpen={onOpen} />
            </td>
            <td>
              <From source={sourceOf(record.sources[field])} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
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

function From({ source }: { source: ReturnType<typeof sourceOf> }) {
  if (!source) return <span className="quiet">derived</span>
  return (
    <>
      {source.system}
      {source.at && (
        <>
          , <Ago at={source.at} />
        </>
      )}
      {source.by && <span className="quiet"> by {source.by}</span>}
    </>
  )
}

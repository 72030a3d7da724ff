// The edits one by one, the newest first: who wanted what where, what stands instead, and what became of it.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Ago } from '../../parts/ago.tsx'
import { capital } from '../../words/label.ts'
import type { Dispute } from './asked.ts'
import { BecameBadge } from './became.tsx'
import styles from './disputes.module.css'

export const Edits = ({
  of,
  more,
}: {
  of: readonly Dispute[]
  more: { go: () => void; isBusy: boolean } | undefined
}) => (
  <>
    <table className={styles.table}>
      <caption className="sr-only">Edits of what somebody else owns, the newest first</caption>
      <thead>
        <tr>
          <th scope="col" data-column="when">
            When
          </th>
          <th scope="col" data-column="who">
            Who
          </th>
          <th scope="col">What was wanted</th>
          <th scope="col" data-column="became">
            What became of it
          </th>
        </tr>
      </thead>
      <tbody>
        {of.map(one => (
          <Edit key={one.dispute} of={one} />
        ))}
      </tbody>
    </table>
    {more && (
      <div className={styles.more}>
        <Button size="compact-xs" variant="subtle" loading={more.isBusy} onClick={more.go}>
          Show older
        </Button>
      </div>
    )}
  </>
)

const Edit = ({ of }: { of: Dispute }) => (
  <tr>
    <td className="quiet">
      <Ago at={of.editedAt} />
    </td>
    <td>
      {of.by ?? <span className="quiet">not told</span>} <span className="quiet">in {of.system}</span>
    </td>
    <td>
      <Link
        to="/journeys/$asked"
        params={{ asked: of.ref }}
        search={{ explain: of.ref, field: fieldPath(of) }}
        className={styles.says}
        data-row=""
        title="Why the field has its value"
      >
        {capital(of.says)}
      </Link>
    </td>
    <td>
      <span className={styles.became}>
        <BecameBadge of={of.became} />
        {of.became === 'asked' && of.task !== null && (
          <Link to="/tasks" search={{ task: of.task }}>
            Answer it
          </Link>
        )}
        {of.decidedBy !== null && <span className="quiet">by {of.decidedBy}</span>}
      </span>
      {of.reason !== null && <p className="quiet">{of.reason}</p>}
    </td>
  </tr>
)

/** As it is asked for to be explained; of a line that came or went the lines themselves are. */
const fieldPath = ({ field, line }: Dispute): string => {
  const [lines, ofLine] = field.split('.')
  return line !== null && ofLine !== undefined ? `${lines}.${line}.${ofLine}` : field
}

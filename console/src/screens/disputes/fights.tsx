// What is fought over: edited again and again in one system, put right each time, and the rule that would end it.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { problemsQuery } from '../../api/queries.ts'
import { For } from '../../parts/ago.tsx'
import { Badge } from '../../parts/badge.tsx'
import { Panel } from '../../parts/page.tsx'
import { count } from '../../words/format.ts'
import styles from './disputes.module.css'

/** They are problems too, for whoever looks there first. */
const problems = problemsQuery(200)

export function Fights() {
  const fights = useQuery(problems).data?.problems.filter(one => one.kind === 'fight') ?? []
  return fights.map(({ what, since, tries, reason, todo, ref }) => (
    <Panel
      key={what}
      title={`${what} is fought over`}
      side={
        <span className={styles.side}>
          <span className="quiet">
            for <For since={since} />
          </span>
          <Badge tone="bad" icon="person">
            {tries === null ? 'Needs a person' : `${count(tries)} times in an hour`}
          </Badge>
        </span>
      }
    >
      <div className={styles.fight}>
        <p>{reason}</p>
        <p>
          <b>What would end it</b> {todo}
        </p>
        {ref !== null && (
          <p className={styles.ways}>
            <Link to="/disputes" search={{ about: ref }}>
              See the edits
            </Link>
            <Link to="/journeys/$asked" params={{ asked: ref }}>
              See the record
            </Link>
          </p>
        )}
      </div>
    </Panel>
  ))
}

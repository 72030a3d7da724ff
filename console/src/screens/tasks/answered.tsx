// The answers that were given: what was asked, what was said, by whom, when and why.
import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Ago } from '../../parts/ago.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { LoadingRows } from '../../parts/loading.tsx'
import { Money } from '../../parts/money.tsx'
import { Panel } from '../../parts/page.tsx'
import { span } from '../../words/format.ts'
import { capital } from '../../words/label.ts'
import { answeredTasksQuery, type Task } from './asked.ts'
import styles from './tasks.module.css'

export function Answered({ desk }: { desk: string | undefined }) {
  const answered = useInfiniteQuery(answeredTasksQuery(desk))
  if (answered.isPending) return <LoadingRows what="answers" />
  if (answered.isError) return <Failure error={answered.error} again={() => void answered.refetch()} />
  const tasks = answered.data.pages.flatMap(page => page.tasks)
  if (tasks.length === 0) {
    return <Empty title="Nobody has answered a question yet">Answers stand here with who gave them and when.</Empty>
  }
  return (
    <Panel flush>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Question</th>
            <th scope="col" data-figure="true">
              Worth
            </th>
            <th scope="col">Desk</th>
            <th scope="col">Answer</th>
            <th scope="col">By</th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {tasks.map(task => (
            <AnsweredRow key={task.task} task={task} />
          ))}
        </tbody>
      </table>
      {answered.hasNextPage && (
        <div className={styles.more}>
          <Button
            variant="default"
            size="xs"
            loading={answered.isFetchingNextPage}
            onClick={() => void answered.fetchNextPage()}
          >
            Older answers
          </Button>
        </div>
      )}
    </Panel>
  )
}

function AnsweredRow({ task }: { task: Task }) {
  const tookMs = task.answeredAt ? Date.parse(task.answeredAt) - Date.parse(task.askedAt) : undefined
  return (
    <tr>
      <td>
        <Link to="/journeys/$asked" params={{ asked: task.journey ?? task.ref }} className={styles.journey}>
          {task.title}
        </Link>
        <p className={styles.small}>{task.question}</p>
      </td>
      <td data-figure="true">
        <Money of={task.worth} />
      </td>
      <td>{capital(task.desk)}</td>
      <td>
        <b>{task.answer}</b>
        {task.comment && <p className={styles.small}>{task.comment}</p>}
      </td>
      <td>{task.answeredBy ?? <span className="quiet">nobody, in time</span>}</td>
      <td className={styles.when}>
        {task.answeredAt && <Ago at={task.answeredAt} />}
        {tookMs !== undefined && <p className={styles.small}>after {span(tookMs)}</p>}
      </td>
    </tr>
  )
}

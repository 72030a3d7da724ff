// The open questions, desk by desk, the oldest first.
import { useEffect, useRef } from 'react'
import { Ago } from '../../parts/ago.tsx'
import { Late } from '../../parts/badge.tsx'
import { Money } from '../../parts/money.tsx'
import { Panel } from '../../parts/page.tsx'
import { absolute, counted } from '../../words/format.ts'
import { capital } from '../../words/label.ts'
import type { Task } from './asked.ts'
import styles from './tasks.module.css'

export type ByDesk = readonly { readonly desk: string; readonly tasks: readonly Task[] }[]

/** In the order in which j and k go through them. */
export const byDesk = (tasks: readonly Task[], only: string | undefined): ByDesk =>
  [...Map.groupBy(tasks, task => only ?? task.desk)]
    .map(([desk, of]) => ({ desk, tasks: of }))
    .sort((a, b) => a.desk.localeCompare(b.desk))

export function TaskList({
  desks,
  chosen,
  onChoose,
}: {
  desks: ByDesk
  chosen: string | undefined
  onChoose: (task: string) => void
}) {
  return (
    <div className={styles.list}>
      {desks.map(({ desk, tasks }) => (
        <Panel key={desk} title={capital(desk)} side={<DeskCounts tasks={tasks} />} flush>
          <ul>
            {tasks.map(task => (
              <li key={task.task}>
                <Row task={task} chosen={task.task === chosen} onChoose={onChoose} />
              </li>
            ))}
          </ul>
        </Panel>
      ))}
    </div>
  )
}

function DeskCounts({ tasks }: { tasks: readonly Task[] }) {
  const late = tasks.filter(task => task.late).length
  return (
    <span className={styles.counts}>
      {counted(tasks.length, 'open question')}
      {late > 0 && <b>, {late} late</b>}
    </span>
  )
}

function Row({ task, chosen, onChoose }: { task: Task; chosen: boolean; onChoose: (task: string) => void }) {
  const row = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <button
      ref={row}
      type="button"
      className={styles.row}
      aria-current={chosen ? 'true' : undefined}
      onClick={() => onChoose(task.task)}
    >
      <span className={styles.rowTitle}>{task.title}</span>
      <span className={styles.rowWorth}>
        <Money of={task.worth} />
      </span>
      <span className={styles.rowQuestion}>{task.question}</span>
      <span className={styles.rowAsked}>
        {task.late ? (
          <Late since={task.dueAt ? `since ${absolute(task.dueAt)}` : undefined} />
        ) : (
          <Ago at={task.askedAt} />
        )}
      </span>
    </button>
  )
}

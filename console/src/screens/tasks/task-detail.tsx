// One question before the reader: what is asked, the facts, whose business it is, and the answers; or the answer that was given.
import { Button, Kbd } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Ago } from '../../parts/ago.tsx'
import { Badge, Late } from '../../parts/badge.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Money } from '../../parts/money.tsx'
import { absolute } from '../../words/format.ts'
import { capital } from '../../words/label.ts'
import type { Task } from './asked.ts'
import { FactList } from './facts.tsx'
import styles from './tasks.module.css'

export function TaskDetail({
  task,
  onAnswer,
  inStory = false,
}: {
  task: Task
  onAnswer: (answer: string) => void
  /** Where the journey itself stands around it, it need not be named again. */
  inStory?: boolean
}) {
  return (
    <article className={styles.detail} aria-label={`Question about ${task.title}`}>
      <div className={styles.about}>
        {!inStory && (
          <>
            <Link to="/journeys/$asked" params={{ asked: task.journey ?? task.ref }} className={styles.journey}>
              {task.title}
            </Link>
            <Money of={task.worth} />
            {task.late && <Late />}
          </>
        )}
        {task.escalatedAt && task.escalatesTo && (
          <Badge tone="warn" icon="flag" title={`since ${absolute(task.escalatedAt)}`}>
            Escalated to the {task.escalatesTo}
          </Badge>
        )}
      </div>
      <h2 className={styles.question}>{task.question}</h2>
      <FactList facts={task.facts} />
      <Asked task={task} />
      {isOpen(task) ? <Answers task={task} onAnswer={onAnswer} /> : <Given task={task} />}
    </article>
  )
}

export const isOpen = (task: Task): boolean => task.answer === null && task.withdrawnAt === null

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

function Asked({ task: { desk, askedAt, dueAt, escalatesTo, escalatesAt, escalatedAt } }: { task: Task }) {
  return (
    <dl className={styles.asked}>
      <Fact name="Desk">{capital(desk)}</Fact>
      <Fact name="Asked">
        <Ago at={askedAt} />
      </Fact>
      <Fact name="Answer by">
        {dueAt ? (
          <>
            {absolute(dueAt)} (<Ago at={dueAt} />)
          </>
        ) : (
          'no end'
        )}
      </Fact>
      {escalatesTo && !escalatedAt && (
        <Fact name="Then also asks">
          {capital(escalatesTo)}
          {escalatesAt && (
            <>
              , <Ago at={escalatesAt} />
            </>
          )}
        </Fact>
      )}
    </dl>
  )
}

const Answers = ({ task, onAnswer }: { task: Task; onAnswer: (answer: string) => void }) => (
  <div className={styles.answers}>
    {task.answers.map((answer, i) => (
      <Button
        key={answer}
        variant="default"
        size="md"
        rightSection={i < 9 ? <Kbd size="xs">{i + 1}</Kbd> : undefined}
        onClick={() => onAnswer(answer)}
      >
        {capital(answer)}
      </Button>
    ))}
  </div>
)

function Given({ task }: { task: Task }) {
  const { answer, answeredBy, answeredAt, comment, withdrawnAt, journey, wish } = task
  return (
    <div className={styles.given} role="status">
      <Icon name={answer === null ? 'stop' : 'check'} />
      <div>
        <p>
          {answer === null ? (
            <>{journey ? 'The journey ended' : 'It was decided otherwise'} before anybody answered</>
          ) : answeredBy === null ? (
            <>Nobody answered in time: the journey went on with “{answer}”</>
          ) : (
            <>
              <b>{answeredBy}</b> answered <b>“{answer}”</b>
            </>
          )}
          {(answeredAt ?? withdrawnAt) && (
            <>
              , <Ago at={answeredAt ?? withdrawnAt ?? ''} />
            </>
          )}
        </p>
        {comment && <p className={styles.comment}>{comment}</p>}
        {wish && answer !== null && (
          <p className={styles.comment}>
            It was {wish.became}
            {wish.reason && `: ${wish.reason}`}
          </p>
        )}
      </div>
    </div>
  )
}

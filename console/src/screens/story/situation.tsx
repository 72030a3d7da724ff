// Where a journey stands: what it waits for and why, what a person can do about it, and the checkpoints it has passed.
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { JourneyLine } from '../../api/types.ts'
import { Ago, For, useNow } from '../../parts/ago.tsx'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { digitKeys, useKeys } from '../../parts/keys.ts'
import { LoadingText } from '../../parts/loading.tsx'
import { Money } from '../../parts/money.tsx'
import { RetryDialog } from '../../parts/retry-dialog.tsx'
import { absolute, took } from '../../words/format.ts'
import { AnswerDialog, type Begun } from '../tasks/answer-dialog.tsx'
import { taskQuery } from '../tasks/asked.ts'
import { TaskDetail } from '../tasks/task-detail.tsx'
import { Checkpoints } from './checkpoints.tsx'
import styles from './situation.module.css'

export function Situation({ line }: { line: JourneyLine }) {
  const [retrying, setRetrying] = useState(false)
  const { tone, icon, sentence, because, todo, canRetry } = told(line)
  const task = line.waitsFor?.task ?? null
  return (
    <section className={styles.situation} aria-label="Where it stands">
      <div className={styles.now} data-tone={tone}>
        <span className={styles.sign}>
          <Icon name={icon} size={18} />
        </span>
        <div className={styles.words}>
          <p className={styles.sentence}>{sentence}</p>
          {because && <p>{because}</p>}
          {todo && task === null && (
            <p className={styles.todo}>
              <strong>What to do:</strong> {todo}
            </p>
          )}
        </div>
        {canRetry && (
          <Button
            className={styles.act}
            variant="default"
            size="sm"
            leftSection={<Icon name="retry" size={14} />}
            onClick={() => setRetrying(true)}
          >
            Retry …
          </Button>
        )}
      </div>
      {task !== null && <Question task={task} journey={line.journey} />}
      <div className={styles.facts}>
        <Fact name="Worth">
          <Money of={line.worth} />
        </Fact>
        <Fact name="Begun">
          <Ago at={line.startedAt} />
        </Fact>
        {line.endedAt ? (
          <Fact name="Took">{took(new Date(line.endedAt).getTime() - new Date(line.startedAt).getTime())}</Fact>
        ) : (
          <Fact name={line.late ? 'Was due' : 'Next due'}>
            {line.lateAt ? <Ago at={line.lateAt} /> : 'no deadline'}
          </Fact>
        )}
      </div>
      <Checkpoints line={line} />
      <RetryDialog
        opened={retrying}
        onClose={() => setRetrying(false)}
        what={[{ journey: line.journey, title: line.title }]}
      />
    </section>
  )
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className={styles.fact}>
    <span className={styles.factName}>{name}</span>
    <span>{children}</span>
  </div>
)

/** The question that it waits for, to be answered here. */
function Question({ task: id, journey }: { task: string; journey: string }) {
  const task = useQuery(taskQuery(id, journey)).data
  const [begun, setBegun] = useState<Begun>()
  const press = (i: number): void => {
    const answer = task?.answers[i]
    if (task && answer !== undefined && begun === undefined) setBegun({ task, answer })
  }
  useKeys(digitKeys(press))
  return (
    <div className={styles.question}>
      {task ? (
        <TaskDetail inStory task={task} onAnswer={answer => setBegun({ task, answer })} />
      ) : (
        <LoadingText what="the question" />
      )}
      <AnswerDialog begun={begun} onClose={() => setBegun(undefined)} />
    </div>
  )
}

/** When it is tried again; what is overdue is about to be. */
const Next = ({ at }: { at: string }) =>
  useNow() < new Date(at).getTime() ? (
    <>
      , <Ago at={at} />
    </>
  ) : (
    <>, any moment</>
  )

type Told = {
  readonly tone: 'good' | 'warn' | 'bad' | 'wait' | 'plain'
  readonly icon: IconName
  readonly sentence: ReactNode
  readonly because: string | null
  readonly todo: string | null
  readonly canRetry: boolean
}

function told(line: JourneyLine): Told {
  const { state, waitsFor, reason, todo, endedAt } = line
  const own = { because: reason, todo, canRetry: false }
  if (state === 'done') {
    return { ...own, tone: 'good', icon: 'check', sentence: <>It reached its end {endedAt && <Ago at={endedAt} />}.</> }
  }
  if (state === 'stopped') {
    return { ...own, tone: 'plain', icon: 'stop', sentence: <>It was stopped {endedAt && <Ago at={endedAt} />}.</> }
  }
  if (state === 'stuck') {
    return {
      tone: 'bad',
      icon: 'warning',
      sentence: (
        <>
          It has been stuck for <For since={waitsFor?.since ?? line.since} /> and needs a person: nothing more happens
          by itself.
        </>
      ),
      because: waitsFor?.because ?? reason,
      todo: waitsFor?.todo ?? todo ?? 'Look at the last moments below, mend the cause, and retry.',
      canRetry: true,
    }
  }
  if (!waitsFor) return { ...own, tone: 'wait', icon: 'play', sentence: 'It is being worked on right now.' }
  const { kind, what, because, since, until } = waitsFor
  return {
    tone: kind === 'answer' ? 'warn' : because ? 'warn' : 'wait',
    icon: kind === 'answer' ? 'question' : 'clock',
    sentence:
      kind === 'retry' || (kind === 'system' && because !== null && until !== null) ? (
        <>
          It waits for {what}
          {until && <Next at={until} />}.
        </>
      ) : (
        <>
          It has been waiting <For since={since} /> for {what}
          {until && <>, until {absolute(until)} at the latest</>}.
        </>
      ),
    because: kind === 'answer' ? null : because,
    todo: waitsFor.todo ?? (because && kind !== 'answer' ? 'Nothing, if the cause ends: it goes on by itself.' : null),
    canRetry: kind !== 'answer' && because !== null,
  }
}

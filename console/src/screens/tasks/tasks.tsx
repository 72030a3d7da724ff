// Tasks: what only a person can decide. Questions at the left, the one that is looked at beside them; a few keys do everything.
import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { Tasks as TaskPage } from '../../api/types.ts'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { digitKeys, useKeys } from '../../parts/keys.ts'
import { LoadingRows } from '../../parts/loading.tsx'
import { Page, Panel } from '../../parts/page.tsx'
import { counted } from '../../words/format.ts'
import { capital } from '../../words/label.ts'
import type { TasksAddress } from './address.ts'
import { AnswerDialog, type Begun } from './answer-dialog.tsx'
import { Answered } from './answered.tsx'
import { openTasksQuery, type Task, taskQuery } from './asked.ts'
import { isOpen, TaskDetail } from './task-detail.tsx'
import { byDesk, TaskList } from './task-list.tsx'
import styles from './tasks.module.css'

const route = getRouteApi('/tasks')

export function Tasks() {
  const { list, desk } = route.useSearch()
  const navigate = route.useNavigate()
  const open = useQuery(openTasksQuery(desk))
  const go = (search: TasksAddress): void => void navigate({ search })
  return (
    <Page
      title="Tasks"
      about={open.data && says(open.data)}
      actions={
        <>
          <Desks page={open.data} chosen={desk} onChoose={chosen => go({ ...(list && { list }), ...named(chosen) })} />
          <SegmentedControl
            size="xs"
            aria-label="Which questions"
            value={list ?? 'open'}
            data={[
              { value: 'open', label: 'Open' },
              { value: 'answered', label: 'Answered' },
            ]}
            onChange={value => go({ ...named(desk), ...(value === 'answered' && { list: 'answered' }) })}
          />
        </>
      }
    >
      {list === 'answered' ? (
        <Answered desk={desk} />
      ) : open.isPending ? (
        <LoadingRows what="questions" />
      ) : open.isError && !open.data ? (
        <Failure error={open.error} again={() => void open.refetch()} />
      ) : (
        <Open tasks={open.data.tasks} desk={desk} />
      )}
    </Page>
  )
}

const named = (desk: string | undefined): TasksAddress => (desk === undefined ? {} : { desk })

function says({ desks }: TaskPage): string {
  const late = desks.reduce((sum, one) => sum + one.late, 0)
  const open = desks.reduce((sum, one) => sum + one.open, 0)
  if (open === 0) return 'nobody is asked anything'
  return `${counted(open, 'question')} for ${counted(desks.length, 'desk')}${late > 0 ? `, ${late} late` : ''}`
}

/** Only where there is a choice. */
function Desks({
  page,
  chosen,
  onChoose,
}: {
  page: TaskPage | undefined
  chosen: string | undefined
  onChoose: (desk: string | undefined) => void
}) {
  const names = [...new Set([...(page?.desks.map(one => one.desk) ?? []), ...(chosen ? [chosen] : [])])]
  if (names.length < 2 && chosen === undefined) return null
  return (
    <SegmentedControl
      size="xs"
      aria-label="Desk"
      value={chosen ?? ''}
      data={[{ value: '', label: 'All desks' }, ...names.map(name => ({ value: name, label: capital(name) }))]}
      onChange={value => onChoose(value === '' ? undefined : value)}
    />
  )
}

function Open({ tasks, desk }: { tasks: readonly Task[]; desk: string | undefined }) {
  const { task: asked } = route.useSearch()
  const navigate = route.useNavigate()
  const [begun, setBegun] = useState<Begun>()
  const desks = byDesk(tasks, desk)
  const inOrder = desks.flatMap(one => one.tasks)
  const choose = (task: string, replace = false): void =>
    void navigate({ search: before => ({ ...before, task }), replace })

  // The first one is chosen by name: when it is answered elsewhere, the reader must not find another below the finger.
  const first = inOrder[0]?.task
  // biome-ignore lint/correctness/useExhaustiveDependencies: choosing is the same on every render
  useEffect(() => {
    if (asked === undefined && first !== undefined) choose(first, true)
  }, [asked, first])

  const shown = useShown(asked ?? first, tasks)
  const step = (by: number): void => {
    if (begun !== undefined) return
    // From where the address is by now: keys come faster than screens. From one that has left the list: to the first.
    const after = (task: string | undefined): string | undefined => {
      const place = inOrder.findIndex(one => one.task === (task ?? shown?.task))
      return (inOrder[place < 0 ? 0 : place + by] ?? inOrder[place])?.task
    }
    void navigate({ search: before => ({ ...before, task: after(before.task) }) })
  }
  const begin = (answer: string | undefined): void => {
    if (shown && isOpen(shown) && answer !== undefined && begun === undefined) setBegun({ task: shown, answer })
  }
  useKeys({ j: () => step(1), k: () => step(-1), ...digitKeys(i => begin(shown?.answers[i])) })

  if (inOrder.length === 0 && shown === undefined) {
    return (
      <Panel>
        <Empty title="Nothing waits for a person">
          When a workflow asks something that only people can decide, the question stands here.
        </Empty>
      </Panel>
    )
  }
  return (
    <>
      <div className={styles.columns}>
        {inOrder.length > 0 ? (
          <TaskList desks={desks} chosen={shown?.task} onChoose={choose} />
        ) : (
          <Panel>
            <Empty title="That was the last one">Nothing else waits for a person.</Empty>
          </Panel>
        )}
        <Panel>
          {shown ? <TaskDetail task={shown} onAnswer={begin} /> : <LoadingRows rows={4} what="the question" />}
        </Panel>
      </div>
      <AnswerDialog begun={begun} onClose={() => setBegun(undefined)} />
    </>
  )
}

/** The one that is looked at stays on the screen when it has been answered, with its answer. */
function useShown(asked: string | undefined, tasks: readonly Task[]): Task | undefined {
  const last = useRef<Task>(undefined)
  const inList = tasks.find(task => task.task === asked)
  if (inList) last.current = inList
  const seen = last.current?.task === asked ? last.current : undefined
  const elsewhere = useQuery({
    ...taskQuery(asked ?? '', seen?.journey ?? seen?.ref),
    enabled: asked !== undefined && inList === undefined,
  })
  return inList ?? elsewhere.data ?? seen
}

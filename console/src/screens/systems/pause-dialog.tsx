// Holding a system's calls back, and letting them go again: what it brings about is said before.
import { Button, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Dialog } from '../../parts/dialog.tsx'
import { FailureLine } from '../../parts/failure.tsx'
import form from '../../parts/form.module.css'
import { useSignature } from '../../parts/signature.tsx'
import { count, counted, moneys } from '../../words/format.ts'
import { type Lane, needingQuery, useLaneAct } from './asked.ts'
import styles from './systems.module.css'

type Asked = { readonly system: string; readonly lane: Lane; readonly onClose: () => void }

export const PauseDialog = ({ opened, ...asked }: Asked & { opened: boolean }) => (
  <Dialog title={`Pause calls to ${asked.system}?`} opened={opened} onClose={asked.onClose}>
    {opened && <PauseForm {...asked} />}
  </Dialog>
)

function PauseForm({ system, lane, onClose }: Asked) {
  const signature = useSignature()
  const [reason, setReason] = useState('')
  const needing = useQuery(needingQuery(system)).data
  const pause = useLaneAct()
  const send = (event: FormEvent): void => {
    event.preventDefault()
    if (signature.by === '' || reason.trim() === '') return
    signature.remember()
    pause.mutate({ act: 'pause', system, by: signature.by, reason: reason.trim() }, { onSuccess: onClose })
  }
  return (
    <form className={form.form} onSubmit={send}>
      <ul className={form.consequences}>
        {lane.inUse > 0 && <li>Calls under way ({count(lane.inUse)}) come to their end.</li>}
        <li>
          No other call goes to {system} until somebody resumes it
          {lane.queue > 0 && (
            <>
              : <b>{count(lane.queue)}</b> that wait now
              {lane.worthWaiting.length > 0 && <> (worth {moneys(lane.worthWaiting)})</>} go on waiting
            </>
          )}
          .
        </li>
        <li>
          {needing ? (
            <>
              <b>{counted(needing.many, 'open journey')}</b>
              {needing.worth.length > 0 && <> worth {moneys(needing.worth)}</>} will wait where they need it.
            </>
          ) : (
            'Journeys will wait where they need it.'
          )}{' '}
          Nothing is lost.
        </li>
      </ul>
      {signature.field}
      <Textarea
        label="Why?"
        description="Stands beside the pause, for whoever finds it."
        required
        rows={2}
        maxLength={2_000}
        value={reason}
        {...(!signature.asking && { 'data-autofocus': true })}
        onChange={event => setReason(event.currentTarget.value)}
      />
      {pause.error && <FailureLine error={pause.error} />}
      <div className={form.end}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={pause.isPending}>
          Pause {system}
        </Button>
      </div>
    </form>
  )
}

export const ResumeDialog = ({ opened, ...asked }: Asked & { opened: boolean }) => (
  <Dialog title={`Resume calls to ${asked.system}?`} opened={opened} onClose={asked.onClose}>
    {opened && <ResumeForm {...asked} />}
  </Dialog>
)

function ResumeForm({ system, lane, onClose }: Asked) {
  const signature = useSignature()
  const resume = useLaneAct()
  const send = (event: FormEvent): void => {
    event.preventDefault()
    if (signature.by === '') return
    signature.remember()
    resume.mutate({ act: 'resume', system, by: signature.by }, { onSuccess: onClose })
  }
  return (
    <form className={form.form} onSubmit={send}>
      <p>
        {lane.queue === 0 ? 'Nothing waits for it.' : `What waits goes on: ${count(lane.queue)} now`}
        {lane.queue > 0 && <>, at most {count(lane.limit.concurrency)} at once.</>}
        {lane.paused?.reason && (
          <span className={styles.reason}>
            It was paused by {lane.paused.by}: {lane.paused.reason}
          </span>
        )}
      </p>
      {signature.field}
      {resume.error && <FailureLine error={resume.error} />}
      <div className={form.end}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={resume.isPending} {...(!signature.asking && { 'data-autofocus': true })}>
          Resume {system}
        </Button>
      </div>
    </form>
  )
}

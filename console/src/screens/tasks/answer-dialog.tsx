// Before an answer counts: what it brings about, in whose name, and why. What somebody wrote is kept when another was first.
import { Button, Textarea } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { Refusal } from '../../api/client.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { FailureLine } from '../../parts/failure.tsx'
import form from '../../parts/form.module.css'
import { Icon } from '../../parts/icons.tsx'
import { useSignature } from '../../parts/signature.tsx'
import { money } from '../../words/format.ts'
import { type Task, useAnswer } from './asked.ts'
import styles from './tasks.module.css'

/** An answer that a person has begun to give. */
export type Begun = { readonly task: Task; readonly answer: string }

export const AnswerDialog = ({ begun, onClose }: { begun: Begun | undefined; onClose: () => void }) => (
  <Dialog title={begun ? `Answer “${begun.answer}”?` : ''} opened={begun !== undefined} onClose={onClose}>
    {begun && <AnswerForm key={`${begun.task.task} ${begun.answer}`} {...begun} onClose={onClose} />}
  </Dialog>
)

function AnswerForm({ task, answer, onClose }: Begun & { onClose: () => void }) {
  const signature = useSignature()
  const [comment, setComment] = useState('')
  const give = useAnswer()
  const send = (event: FormEvent): void => {
    event.preventDefault()
    if (signature.by === '') return
    signature.remember()
    give.mutate({ task, answer, by: signature.by, comment }, { onSuccess: onClose })
  }
  if (give.error && isTooLate(give.error)) {
    return <TooLate sentence={give.error.message} answer={answer} comment={comment} onClose={onClose} />
  }
  return (
    <form className={form.form} onSubmit={send}>
      <blockquote className={styles.asksAgain}>{task.question}</blockquote>
      <ul className={form.consequences}>
        <li>
          <b>{task.title}</b>
          {task.worth && <> ({money(task.worth)})</>} goes on at once with the answer <b>“{answer}”</b>.
        </li>
        <li>It is recorded with your name and the time, and cannot be taken back.</li>
      </ul>
      {signature.field}
      <Textarea
        label="Comment"
        description="Optional. Stands in the story, for whoever asks why."
        rows={2}
        maxLength={2_000}
        value={comment}
        onChange={event => setComment(event.currentTarget.value)}
      />
      {give.error && <FailureLine error={give.error} />}
      <div className={form.end}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={give.isPending} {...(!signature.asking && { 'data-autofocus': true })}>
          Answer “{answer}”
        </Button>
      </div>
    </form>
  )
}

const isTooLate = (error: Error): boolean => error instanceof Refusal && error.code === 'answered-already'

function TooLate({
  sentence,
  answer,
  comment,
  onClose,
}: {
  sentence: string
  answer: string
  comment: string
  onClose: () => void
}) {
  return (
    <div className={form.form} role="alert">
      <p className={styles.tooLate}>
        <Icon name="warning" /> <b>Somebody was first.</b> {sentence}
      </p>
      <p>Your answer “{answer}” changed nothing; the first one counts.</p>
      {comment !== '' && <Textarea label="What you wrote, if you want to keep it" readOnly rows={3} value={comment} />}
      <div className={form.end}>
        <Button data-autofocus onClick={onClose}>
          See the answer
        </Button>
      </div>
    </div>
  )
}

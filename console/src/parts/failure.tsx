// Something was refused or did not answer: the sentence, what to do, and another try.
import { Button } from '@mantine/core'
import { Refusal } from '../api/client.ts'
import { Icon } from './icons.tsx'
import styles from './states.module.css'

export function Failure({ error, again }: { error: unknown; again?: (() => void) | undefined }) {
  const { sentence, todo, code } = told(error)
  return (
    <div className={styles.state} role="alert">
      <span className={styles.sign} data-bad="">
        <Icon name="warning" size={22} />
      </span>
      <p className={styles.title}>{sentence}</p>
      {todo && <p className={styles.more}>{todo}</p>}
      {code && <p className={styles.code}>{code}</p>}
      {again && (
        <Button variant="default" size="xs" onClick={again}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** The same in one line, where there is little room: below a button, in a panel. */
export function FailureLine({ error }: { error: unknown }) {
  const { sentence, todo } = told(error)
  return (
    <p className={styles.line} role="alert">
      <Icon name="warning" size={14} /> {sentence} {todo}
    </p>
  )
}

export function told(error: unknown): { sentence: string; todo?: string | undefined; code?: string | undefined } {
  if (error instanceof Refusal) return { sentence: error.message, todo: error.todo, code: error.code }
  return {
    sentence: 'This page has a defect.',
    todo: `Load it again. If it stays so, this helps whoever mends it: ${error instanceof Error ? error.message : String(error)}`,
  }
}

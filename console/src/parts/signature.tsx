// In whose name something is done: asked once, then said, so that somebody else at this browser can say so.
import { Button, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Icon } from './icons.tsx'
import { useMyName } from './me.ts'
import styles from './signature.module.css'

export type Signature = {
  /** Empty until somebody said who they are. */
  readonly by: string
  /** True while the field is shown: it is where writing begins. */
  readonly asking: boolean
  readonly field: ReactNode
  /** When it was signed: this browser knows the name from now on. */
  remember(): void
}

export function useSignature(): Signature {
  const [remembered, remember] = useMyName()
  const [name, setName] = useState(remembered)
  const [asking, setAsking] = useState(remembered === '')
  return {
    by: name.trim(),
    asking,
    remember: () => remember(name.trim()),
    field: asking ? (
      <TextInput
        label="Who are you?"
        description="Asked once; this browser remembers it."
        autoComplete="name"
        required
        maxLength={200}
        value={name}
        data-autofocus
        onChange={event => setName(event.currentTarget.value)}
      />
    ) : (
      <p className={styles.signature}>
        <Icon name="person" size={14} /> You sign as <b>{name}</b>
        <Button variant="subtle" size="compact-xs" onClick={() => setAsking(true)}>
          Somebody else?
        </Button>
      </p>
    ),
  }
}

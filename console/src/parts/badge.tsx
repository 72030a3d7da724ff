// A state in a word and a sign, so that colour is never all there is.
import type { ReactNode } from 'react'
import styles from './badge.module.css'
import { Icon, type IconName } from './icons.tsx'

export type Tone = 'good' | 'warn' | 'bad' | 'wait' | 'plain'

export const Badge = ({
  tone = 'plain',
  icon,
  title,
  children,
}: {
  tone?: Tone
  icon?: IconName
  title?: string
  children: ReactNode
}) => (
  <span className={styles.badge} data-tone={tone} title={title}>
    {icon && <Icon name={icon} size={12} />}
    {children}
  </span>
)

const STATES: Readonly<Record<string, { tone: Tone; icon: IconName; word: string; says: string }>> = {
  ready: { tone: 'wait', icon: 'play', word: 'Going on', says: 'It is being worked on, or will be in a moment.' },
  waiting: { tone: 'wait', icon: 'clock', word: 'Waiting', says: 'It waits for something and goes on by itself.' },
  stuck: { tone: 'bad', icon: 'warning', word: 'Stuck', says: 'It needs a person: nothing more happens by itself.' },
  done: { tone: 'good', icon: 'check', word: 'Done', says: 'It has reached its end.' },
  stopped: { tone: 'plain', icon: 'stop', word: 'Stopped', says: 'It was ended before its end, and undone.' },
}

export const JourneyState = ({ state }: { state: string }) => {
  const known = STATES[state]
  if (!known) return <Badge>{state}</Badge>
  return (
    <Badge tone={known.tone} icon={known.icon} title={known.says}>
      {known.word}
    </Badge>
  )
}

export const Late = ({ since }: { since?: string | undefined }) => (
  <Badge tone="warn" icon="clock" title={since}>
    Late
  </Badge>
)

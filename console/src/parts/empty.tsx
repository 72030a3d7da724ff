// Nothing to show, and why that is so: never a blank screen.
import type { ReactNode } from 'react'
import { Icon, type IconName } from './icons.tsx'
import styles from './states.module.css'

export const Empty = ({
  title,
  icon = 'check',
  children,
}: {
  title: string
  icon?: IconName
  children?: ReactNode
}) => (
  <div className={styles.state}>
    <span className={styles.sign}>
      <Icon name={icon} size={22} />
    </span>
    <p className={styles.title}>{title}</p>
    {children && <div className={styles.more}>{children}</div>}
  </div>
)

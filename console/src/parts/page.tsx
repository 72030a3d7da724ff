// A screen: its heading, what can be done on it, and its content; and a panel, the one frame that content stands in.
import { type ReactNode, useEffect } from 'react'
import styles from './page.module.css'

export function Page({
  title,
  about,
  actions,
  children,
}: {
  title: string
  /** A quiet line beside the heading. */
  about?: ReactNode
  actions?: ReactNode
  children: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · Plumbline`
  }, [title])
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.words}>
          <h1>{title}</h1>
          {about && <div className={styles.about}>{about}</div>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}

export const Panel = ({
  title,
  side,
  flush = false,
  children,
}: {
  title?: string
  /** At the right of the heading. */
  side?: ReactNode
  /** Without room at the edges: for tables. */
  flush?: boolean
  children: ReactNode
}) => (
  <section className={styles.panel} aria-label={title}>
    {title && (
      <div className={styles.panelHead}>
        <h2>{title}</h2>
        {side}
      </div>
    )}
    <div className={flush ? undefined : styles.inside}>{children}</div>
  </section>
)

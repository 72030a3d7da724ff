// A question or a preview above the page.
import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import styles from './dialog.module.css'

export const Dialog = ({
  title,
  opened,
  onClose,
  size = 560,
  children,
}: {
  title: string
  opened: boolean
  onClose: () => void
  size?: number
  children: ReactNode
}) => (
  <Modal.Root
    opened={opened}
    onClose={onClose}
    size={size}
    // The page scrolls within itself, so nothing has to hold it still.
    lockScroll={false}
    transitionProps={{ duration: 120 }}
  >
    <Modal.Overlay backgroundOpacity={0.4} />
    <Modal.Content>
      {/* Not Mantine's own <header>: to a screen reader that would be the page's second banner. */}
      <div className={styles.head}>
        <Modal.Title className={styles.title}>{title}</Modal.Title>
        <Modal.CloseButton aria-label="Close" />
      </div>
      <Modal.Body>{children}</Modal.Body>
    </Modal.Content>
  </Modal.Root>
)

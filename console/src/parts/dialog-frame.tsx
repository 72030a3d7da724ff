// The frame of a dialog: above the page, with the focus inside it.
import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import styles from './dialog.module.css'
import { useStands } from './opening.ts'

export type DialogProps = {
  readonly title: string
  readonly opened: boolean
  readonly onClose: () => void
  readonly size?: number
  readonly children: ReactNode
}

export default function DialogFrame({ title, opened, onClose, size = 560, children }: DialogProps) {
  const stands = useStands()
  return (
    <Modal.Root
      opened={opened && stands}
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
}

// A question or a preview above the page.
import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'

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
  <Modal
    title={title}
    opened={opened}
    onClose={onClose}
    size={size}
    // The page scrolls within itself; Mantine's lock would be a <style>, which the content policy refuses.
    lockScroll={false}
    closeButtonProps={{ 'aria-label': 'Close' }}
    overlayProps={{ backgroundOpacity: 0.4 }}
    transitionProps={{ duration: 120 }}
  >
    {children}
  </Modal>
)

// A question or a preview above the page. Its frame is large to load, and comes when it is first opened.
import { lazy, Suspense } from 'react'
import { comes } from '../coming.ts'
import type { DialogProps } from './dialog-frame.tsx'
import { useWanted } from './opening.ts'

const DialogFrame = lazy(comes(() => import('./dialog-frame.tsx')))

export function Dialog(props: DialogProps) {
  return useWanted(props.opened) ? (
    <Suspense>
      <DialogFrame {...props} />
    </Suspense>
  ) : null
}

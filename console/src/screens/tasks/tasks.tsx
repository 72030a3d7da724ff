// The tasks screen.
import { LoadingRows } from '../../parts/loading.tsx'
import { Page } from '../../parts/page.tsx'

export const Tasks = () => (
  <Page title="Tasks">
    <LoadingRows what="tasks" />
  </Page>
)

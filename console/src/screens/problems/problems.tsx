// The problems screen.
import { LoadingRows } from '../../parts/loading.tsx'
import { Page } from '../../parts/page.tsx'

export const Problems = () => (
  <Page title="Problems">
    <LoadingRows what="problems" />
  </Page>
)

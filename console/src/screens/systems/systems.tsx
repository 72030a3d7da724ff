// The systems screen.
import { LoadingRows } from '../../parts/loading.tsx'
import { Page } from '../../parts/page.tsx'

export const Systems = () => (
  <Page title="Systems">
    <LoadingRows what="systems" />
  </Page>
)

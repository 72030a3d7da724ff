// The list of journeys.
import { LoadingRows } from '../../parts/loading.tsx'
import { Page } from '../../parts/page.tsx'

export const Journeys = () => (
  <Page title="Journeys">
    <LoadingRows what="journeys" />
  </Page>
)

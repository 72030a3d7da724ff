// One journey's story.
import { LoadingText } from '../../parts/loading.tsx'
import { Page } from '../../parts/page.tsx'

export const StoryScreen = () => (
  <Page title="Story">
    <LoadingText what="the story" />
  </Page>
)

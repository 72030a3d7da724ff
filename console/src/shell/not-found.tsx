// An address that leads nowhere.
import { Link } from '@tanstack/react-router'
import { Empty } from '../parts/empty.tsx'
import { Page } from '../parts/page.tsx'

export const NotFound = () => (
  <Page title="There is no such page">
    <Empty title="This address leads nowhere" icon="search">
      <Link to="/journeys">See all open journeys</Link>, or press <kbd>/</kbd> and search for a number.
    </Empty>
  </Page>
)

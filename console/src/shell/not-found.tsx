// An address that leads nowhere.
import { Link } from '@tanstack/react-router'
import { Empty } from '../parts/empty.tsx'

export const NotFound = () => (
  <Empty title="There is no such page" icon="search">
    <Link to="/journeys">See all open journeys</Link>, or press <kbd>/</kbd> and search for a number.
  </Empty>
)

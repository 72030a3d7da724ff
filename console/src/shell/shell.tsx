// What surrounds every screen: where one can go, what waits there, the search, and whether what one sees is fresh.
import { Outlet, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { comes } from '../coming.ts'
import { useLater } from '../later.ts'
import { useKeys } from '../parts/keys.ts'
import { SandboxBanner } from '../screens/sandbox/banner.tsx'
import { useMemoryOfLanes } from '../screens/systems/memory.ts'
import { AwayBanner, OldBanner } from './away.tsx'
import { Bar } from './bar.tsx'
import { KeyboardHelp } from './keyboard-help.tsx'
import { useGoTo } from './keys.ts'
import { openSearch, useOpenings } from './search-door.ts'
import styles from './shell.module.css'

const Search = lazy(comes(() => import('./search.tsx')))
const Notices = lazy(comes(() => import('./notices.tsx')))

export function Shell() {
  const [helping, setHelping] = useState(false)
  const navigate = useNavigate()
  const isLater = useLater()
  const openings = useOpenings()
  useKeys({ '/': openSearch, 'mod+k': openSearch, '?': () => setHelping(true) })
  useMemoryOfLanes()
  useGoTo(to => void navigate({ to }))
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        Skip to the content
      </a>
      <div>
        <Bar onHelp={() => setHelping(true)} />
        <AwayBanner />
        <OldBanner />
        <SandboxBanner />
      </div>
      <main id="content" className={styles.content} data-scroll-restoration-id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <Suspense>{(isLater || openings > 0) && <Search openings={openings} />}</Suspense>
      <Suspense>{isLater && <Notices />}</Suspense>
      <KeyboardHelp opened={helping} onClose={() => setHelping(false)} />
    </div>
  )
}

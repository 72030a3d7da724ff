// What surrounds every screen: where one can go, what waits there, the search, and whether what one sees is fresh.
import { Outlet, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useKeys } from '../parts/keys.ts'
import { SandboxBanner } from '../screens/sandbox/banner.tsx'
import { useMemoryOfLanes } from '../screens/systems/memory.ts'
import { AwayBanner } from './away.tsx'
import { Bar } from './bar.tsx'
import { KeyboardHelp } from './keyboard-help.tsx'
import { useGoTo } from './keys.ts'
import { openSearch, Search } from './search.tsx'
import styles from './shell.module.css'

export function Shell() {
  const [helping, setHelping] = useState(false)
  const navigate = useNavigate()
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
        <SandboxBanner />
      </div>
      <main id="content" className={styles.content} data-scroll-restoration-id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <Search />
      <KeyboardHelp opened={helping} onClose={() => setHelping(false)} />
    </div>
  )
}

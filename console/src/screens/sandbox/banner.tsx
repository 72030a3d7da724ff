// What is broken on purpose stands above every screen, so that nobody looks for the cause elsewhere.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Icon } from '../../parts/icons.tsx'
import { brokenIn, sandboxesQuery } from './asked.ts'
import styles from './sandbox.module.css'

export function SandboxBanner() {
  const broken = brokenIn(useQuery(sandboxesQuery).data?.sandboxes ?? [])
  if (broken.length === 0) return null
  return (
    <div className={styles.banner} role="status">
      <Icon name="plug" size={14} />
      <span>
        <b>Broken on purpose in the local sandbox:</b>{' '}
        {broken.map(({ system, faults }) => `${system}: ${faults.map(one => one.label).join(', ')}`).join(' · ')}
      </span>
      <Link to="/sandbox">Switch off</Link>
    </div>
  )
}

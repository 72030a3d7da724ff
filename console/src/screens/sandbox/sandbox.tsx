// The local sandboxes' faults as switches: break a system on purpose, and watch what becomes of the journeys.
import { Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId } from 'react'
import { Badge } from '../../parts/badge.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure, FailureLine } from '../../parts/failure.tsx'
import { LoadingRows } from '../../parts/loading.tsx'
import { Page, Panel } from '../../parts/page.tsx'
import { counted } from '../../words/format.ts'
import { labelOf } from '../../words/label.ts'
import { systemsQuery } from '../systems/asked.ts'
import { LaneLine } from '../systems/lane-line.tsx'
import { brokenIn, type Fault, type Sandbox, sandboxesQuery, useSwitch } from './asked.ts'
import styles from './sandbox.module.css'

export function SandboxScreen() {
  const sandboxes = useQuery(sandboxesQuery)
  const on = brokenIn(sandboxes.data?.sandboxes ?? []).reduce((sum, { faults }) => sum + faults.length, 0)
  return (
    <Page
      title="Sandbox"
      about={sandboxes.data && (on === 0 ? 'everything works' : `${counted(on, 'fault')} switched on`)}
      actions={<Badge icon="plug">Local sandbox only</Badge>}
    >
      {sandboxes.isPending ? (
        <LoadingRows what="switches" />
      ) : sandboxes.isError && !sandboxes.data ? (
        <Failure error={sandboxes.error} again={() => void sandboxes.refetch()} />
      ) : (
        <Sandboxes sandboxes={sandboxes.data.sandboxes} />
      )}
    </Page>
  )
}

function Sandboxes({ sandboxes }: { sandboxes: readonly Sandbox[] }) {
  if (sandboxes.length === 0) {
    return (
      <Panel>
        <Empty title="There is no sandbox here" icon="plug">
          Only the systems that `npm start` brings along can be broken on purpose. This Plumbline works with systems of
          your own, and nothing here could reach into them.
        </Empty>
      </Panel>
    )
  }
  return (
    <>
      <p className={styles.intro}>
        These are local stand-ins for Salesforce and the ERP. Break one and watch: journeys wait with their reason and
        value, nothing is lost, and what waited is worked off when you switch the fault off again.
      </p>
      <div className={styles.sandboxes}>
        {sandboxes.map(sandbox => (
          <SandboxPanel key={sandbox.system} sandbox={sandbox} />
        ))}
      </div>
    </>
  )
}

function SandboxPanel({ sandbox: { system, url, switches } }: { sandbox: Sandbox }) {
  return (
    <Panel
      title={system}
      side={
        <span className={styles.url}>
          <StandsFor system={system} /> · {url}
        </span>
      }
      flush
    >
      <div className={styles.lane}>
        <LaneLine system={system} />
        <span className={styles.watch}>
          Watch{' '}
          <Link to="/journeys" search={{ system, state: 'open' }}>
            its journeys
          </Link>
          , <Link to="/systems">its lane</Link>
        </span>
      </div>
      <ul className={styles.switches}>
        {switches.map(fault => (
          <FaultSwitch key={fault.switch} system={system} fault={fault} />
        ))}
      </ul>
    </Panel>
  )
}

/** What it is to the business: a visitor looks for the ERP. */
function StandsFor({ system }: { system: string }) {
  const known = useQuery(systemsQuery).data?.systems.find(one => one.system === system)
  return known ? `${labelOf(known.role)}, ${known.connector}` : null
}

function FaultSwitch({ system, fault }: { system: string; fault: Fault }) {
  const turn = useSwitch()
  const says = useId()
  return (
    <li className={styles.fault} data-on={fault.on}>
      <Switch
        size="sm"
        label={fault.label}
        checked={turn.isPending ? turn.variables.on : fault.on}
        disabled={turn.isPending}
        aria-describedby={says}
        onChange={event => turn.mutate({ system, fault: fault.switch, on: event.currentTarget.checked })}
      />
      <p id={says} className={styles.says}>
        {fault.says}
      </p>
      {turn.error && <FailureLine error={turn.error} />}
    </li>
  )
}

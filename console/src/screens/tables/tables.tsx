// Tables: what our values are called in each system, who keeps that, and what waits until somebody says it.
import { useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import type { Tables as Found } from '../../api/types.ts'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { LoadingRows } from '../../parts/loading.tsx'
import { Page, Panel } from '../../parts/page.tsx'
import { useRowSteps } from '../../parts/row-steps.ts'
import { counted } from '../../words/format.ts'
import { tablesQuery } from './asked.ts'
import { TablePanel } from './table-panel.tsx'
import styles from './tables.module.css'

export function Tables() {
  const tables = useQuery(tablesQuery)
  return (
    <Page title="Tables" about={tables.data && says(tables.data.tables)}>
      {tables.isPending ? (
        <LoadingRows what="tables" />
      ) : tables.isError && !tables.data ? (
        <Failure error={tables.error} again={() => void tables.refetch()} />
      ) : tables.data.tables.length === 0 ? (
        <Panel>
          <Empty title="The project has no value tables" icon="record">
            A table says what a value of ours is called in each system: payment terms, units, countries. As soon as a
            mapping uses one, its desk keeps it here.
          </Empty>
        </Panel>
      ) : (
        <Panels of={tables.data.tables} />
      )}
    </Page>
  )
}

function Panels({ of }: { of: Found['tables'] }) {
  const list = useRef<HTMLDivElement>(null)
  useRowSteps(list)
  return (
    <div ref={list} className={styles.tables}>
      {of.map(table => (
        <TablePanel key={table.table} of={table} />
      ))}
    </div>
  )
}

function says(tables: Found['tables']): string {
  const missing = tables.flatMap(one => one.missing).filter(one => one.records > 0)
  const waiting = missing.reduce((sum, one) => sum + one.records, 0)
  if (missing.length === 0) return `${counted(tables.length, 'table')}, nothing waits for a value`
  return `${counted(missing.length, 'value')} missing, ${counted(waiting, 'record')} waiting`
}

// The rows: what it is, how far it has come, what it waits for and why, what it is worth, and where it lives.
import { Checkbox } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import {
  createColumnHelper,
  flexRender,
  type RowSelectionState,
  rowSelectionFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useRef } from 'react'
import type { JourneyLine, JourneyPage } from '../../api/types.ts'
import { Ago } from '../../parts/ago.tsx'
import { Late } from '../../parts/badge.tsx'
import { useKeys } from '../../parts/keys.ts'
import { Money } from '../../parts/money.tsx'
import { useRowSteps } from '../../parts/row-steps.ts'
import { Stage } from '../../parts/stage.tsx'
import { WaitsFor } from '../../parts/waits-for.tsx'
import { absolute } from '../../words/format.ts'
import styles from './journeys.module.css'

type Marked = ReadonlyMap<string, JourneyLine>
type Props = { page: JourneyPage; stale: boolean; marked: Marked; onMark: (marked: Marked) => void }

const features = tableFeatures({ rowSelectionFeature })
const column = createColumnHelper<typeof features, JourneyLine>()

const columns = column.columns([
  column.display({
    id: 'choose',
    header: ({ table }) => (
      <Checkbox
        size="xs"
        aria-label="Choose all on this page"
        checked={table.getIsAllRowsSelected()}
        indeterminate={table.getIsSomeRowsSelected() && !table.getIsAllRowsSelected()}
        onChange={table.getToggleAllRowsSelectedHandler()}
      />
    ),
    cell: ({ row }) => (
      <Checkbox
        size="xs"
        aria-label={`Choose ${row.original.title}`}
        checked={row.getIsSelected()}
        onChange={row.getToggleSelectedHandler()}
      />
    ),
  }),
  column.accessor('title', {
    header: 'Journey',
    cell: ({ row: { original: line } }) => (
      <>
        <span className={styles.title}>
          <Link to="/journeys/$asked" params={{ asked: line.journey }} data-row="">
            {line.title}
          </Link>
          {line.late && <Late since={line.lateAt ? `Due ${absolute(line.lateAt)}` : undefined} />}
        </span>
        <span className={styles.second}>
          {line.workflow}, begun <Ago at={line.startedAt} />
        </span>
      </>
    ),
  }),
  column.accessor('checkpoint', {
    header: 'Stage',
    cell: ({ row: { original: line } }) => <Stage {...line} />,
  }),
  column.accessor('waitsFor', { header: 'Waits for', cell: ({ row: { original } }) => <WaitsFor line={original} /> }),
  column.accessor('worth', { header: 'Worth', cell: ({ getValue }) => <Money of={getValue()} /> }),
  column.accessor('systems', {
    header: 'Systems',
    cell: ({ getValue }) => <span className={styles.systems}>{getValue().join(', ')}</span>,
  }),
])

export function JourneyTable({ page, stale, marked, onMark }: Props) {
  const body = useRef<HTMLTableSectionElement>(null)
  const navigate = useNavigate()
  const rowSelection: RowSelectionState = Object.fromEntries([...marked.keys()].map(journey => [journey, true]))
  const table = useTable({
    features,
    columns,
    data: page.journeys,
    getRowId: line => line.journey,
    state: { rowSelection },
    onRowSelectionChange: change => {
      const next = typeof change === 'function' ? change(rowSelection) : change
      const known = new Map([...marked, ...page.journeys.map(line => [line.journey, line] as const)])
      onMark(new Map([...known].filter(([journey]) => next[journey])))
    },
  })
  useRowSteps(body)
  const mark = (): void =>
    document.activeElement?.closest('tr')?.querySelector<HTMLInputElement>('input[type=checkbox]')?.click()
  useKeys({ x: mark })
  return (
    <table className={styles.table} data-stale={stale || undefined} aria-busy={stale}>
      <thead>
        {table.getHeaderGroups().map(group => (
          <tr key={group.id}>
            {group.headers.map(header => (
              <th key={header.id} scope="col" data-column={header.column.id}>
                {flexRender(header.column.columnDef.header, header.getContext())}
              </th>
            ))}
          </tr>
        ))}
      </thead>
      <tbody ref={body}>
        {table.getRowModel().rows.map(row => (
          // The row's link does the same from the keyboard.
          <tr
            key={row.id}
            data-marked={row.getIsSelected() || undefined}
            onClick={event => {
              if (event.target instanceof Element && event.target.closest('a, button, input, label')) return
              if (window.getSelection()?.isCollapsed === false) return
              void navigate({ to: '/journeys/$asked', params: { asked: row.id } })
            }}
          >
            {row.getAllCells().map(cell => (
              <td key={cell.id} data-column={cell.column.id}>
                {flexRender(cell.column.columnDef.cell, cell.getContext())}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

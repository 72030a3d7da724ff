// Disputes: who edits what they do not own, what became of it, and what is fought over.
import { Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useRef } from 'react'
import { Refusal } from '../../api/client.ts'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { Icon } from '../../parts/icons.tsx'
import { LoadingRows } from '../../parts/loading.tsx'
import { Page, Panel } from '../../parts/page.tsx'
import { useRowSteps } from '../../parts/row-steps.ts'
import { counted } from '../../words/format.ts'
import { labelOf } from '../../words/label.ts'
import { type DisputesAddress, isNarrowed, notNarrowed } from './address.ts'
import { countsQuery, DAYS, disputesQuery } from './asked.ts'
import { Counts } from './counts.tsx'
import styles from './disputes.module.css'
import { Edits } from './edits.tsx'
import { Fights } from './fights.tsx'

const route = getRouteApi('/disputes')
const WAIT_MS = 200

export function Disputes() {
  const counts = useQuery(countsQuery('field')).data?.counts
  const list = useRef<HTMLDivElement>(null)
  useRowSteps(list)
  return (
    <Page
      title="Disputes"
      about={
        counts &&
        `${counted(
          counts.reduce((sum, one) => sum + one.count, 0),
          'edit',
        )} of what somebody else owns, in ${DAYS} days`
      }
      actions={<AboutRecord />}
    >
      <div ref={list} className={styles.disputes}>
        <Fights />
        <Counts />
        <Found />
      </div>
    </Page>
  )
}

function AboutRecord() {
  const { about } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <TextInput
      size="xs"
      w={260}
      type="search"
      aria-label="Edits of a record"
      placeholder="A record, by any number or name"
      leftSection={<Icon name="search" size={13} />}
      value={about ?? ''}
      onChange={event => {
        const asked = event.currentTarget.value
        // Each letter of it is no place to go back to.
        void navigate({
          search: ({ about: _, ...rest }) => ({ ...rest, ...(asked && { about: asked }) }),
          replace: true,
        })
      }}
    />
  )
}

function Found() {
  const address = route.useSearch()
  const [about] = useDebouncedValue(address.about, WAIT_MS)
  const { about: _, ...rest } = address
  const found = useInfiniteQuery(disputesQuery({ ...rest, ...(about !== undefined && { about }) }))
  const edits = found.data?.pages.flatMap(page => page.disputes)
  const isUnknown = found.error instanceof Refusal && found.error.status === 404
  return (
    <Panel title={isNarrowed(address) ? 'The edits chosen' : 'The latest edits'} flush side={<Chosen of={address} />}>
      {edits === undefined && found.isPending ? (
        <LoadingRows what="disputes" rows={6} />
      ) : found.isError && !isUnknown && !edits ? (
        <Failure error={found.error} again={() => void found.refetch()} />
      ) : !edits || edits.length === 0 || isUnknown ? (
        <Nothing of={address} />
      ) : (
        <Edits
          of={edits}
          more={
            found.hasNextPage ? { go: () => void found.fetchNextPage(), isBusy: found.isFetchingNextPage } : undefined
          }
        />
      )}
    </Panel>
  )
}

/** What they are narrowed to, and the way back. */
function Chosen({ of }: { of: DisputesAddress }) {
  const navigate = route.useNavigate()
  if (!isNarrowed(of)) return null
  const { by, system, contract, field, about } = of
  const words = [
    by && `by ${by}`,
    system && `in ${system}`,
    contract && `of ${labelOf(contract)}${field ? `: ${field}` : ''}`,
    about && `on ${about}`,
  ]
  return (
    <span className={styles.side}>
      <span className="quiet">{words.filter(Boolean).join(', ')}</span>
      <Button size="compact-xs" variant="default" onClick={() => void navigate({ search: notNarrowed })}>
        Show all
      </Button>
    </span>
  )
}

const Nothing = ({ of }: { of: DisputesAddress }) =>
  isNarrowed(of) ? (
    <Empty title="No edit is like this" icon="search">
      Nobody edited that without owning it, or nothing is called so.
    </Empty>
  ) : (
    <Empty title="Nobody edited what is not theirs">
      Whoever edits a field that another system owns is heard: it stands here, with what became of it.
    </Empty>
  )

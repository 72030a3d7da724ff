// The list of journeys: how all stands, what can be chosen, and the journeys that the choice leaves.
import { Button, NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { journeysQuery } from '../../api/queries.ts'
import type { JourneyLine } from '../../api/types.ts'
import { comes } from '../../coming.ts'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { Icon } from '../../parts/icons.tsx'
import { LoadingRows } from '../../parts/loading.tsx'
import { Page } from '../../parts/page.tsx'
import { RetryDialog } from '../../parts/retry-dialog.tsx'
import { counted } from '../../words/format.ts'
import { Chips } from './chips.tsx'
import { Facets } from './facets.tsx'
import { type Chosen, choose, hasChoices, isCounted, paramsOf } from './filter.ts'
import { Headline } from './headline.tsx'
import styles from './journeys.module.css'
import { Pages } from './pages.tsx'
import { JourneyTable } from './table.tsx'
import { WORDS } from './words.ts'

const StagesChart = lazy(comes(() => import('./stages-chart.tsx')))
const route = getRouteApi('/journeys')

export function Journeys() {
  const chosen = route.useSearch()
  const navigate = route.useNavigate()
  const { data, error, isPlaceholderData, refetch } = useQuery(journeysQuery(paramsOf(chosen)))
  const [marked, setMarked] = useState<ReadonlyMap<string, JourneyLine>>(new Map())
  const [retrying, setRetrying] = useState(false)
  const go = (next: Chosen): void => void navigate({ search: next })
  return (
    <Page title="Journeys" about={data && aboutOf(chosen, data.facets.total)}>
      <div className={styles.top}>
        <Headline page={data} chosen={chosen} onChoose={go} />
        {/* The rows first: the picture is large to load. */}
        {data ? (
          <Suspense fallback={<div className={styles.chart} />}>
            <StagesChart page={data} chosen={chosen} onChoose={go} />
          </Suspense>
        ) : (
          <div className={styles.chart} />
        )}
      </div>
      <div className={styles.columns}>
        <Facets facets={data?.facets} chosen={chosen} onChoose={go} />
        <section className={styles.list} aria-label="Journeys">
          <div className={styles.tools}>
            {marked.size === 0 ? (
              <Chips chosen={chosen} onChoose={go} />
            ) : (
              <div className={styles.marked}>
                <strong>{marked.size} chosen</strong>
                <Button
                  size="compact-sm"
                  leftSection={<Icon name="retry" size={14} />}
                  onClick={() => setRetrying(true)}
                >
                  Retry …
                </Button>
                <Button size="compact-sm" variant="subtle" onClick={() => setMarked(new Map())}>
                  Choose none
                </Button>
              </div>
            )}
            <NativeSelect
              aria-label="Order"
              size="xs"
              w={170}
              data={Object.entries(WORDS.sort).map(([value, label]) => ({ value, label }))}
              value={chosen.sort ?? 'newest'}
              onChange={event => {
                const sort = event.currentTarget.value as keyof typeof WORDS.sort
                go(choose(chosen, { sort: sort === 'newest' ? undefined : sort }))
              }}
            />
          </div>
          {data ? (
            data.journeys.length > 0 ? (
              <>
                <JourneyTable page={data} stale={isPlaceholderData} marked={marked} onMark={setMarked} />
                <Pages
                  chosen={chosen}
                  next={data.next}
                  rows={data.journeys.length}
                  total={isCounted(chosen) ? data.facets.total : undefined}
                  onGo={go}
                />
              </>
            ) : (
              <Nothing chosen={chosen} onChoose={go} />
            )
          ) : error ? (
            <Failure error={error} again={() => void refetch()} />
          ) : (
            <LoadingRows rows={12} height={52} what="journeys" />
          )}
        </section>
      </div>
      <RetryDialog
        opened={retrying}
        onClose={() => setRetrying(false)}
        onDone={() => setMarked(new Map())}
        what={[...marked.values()].map(({ journey, title }) => ({ journey, title }))}
      />
    </Page>
  )
}

function aboutOf(chosen: Chosen, total: number): string {
  if (!isCounted(chosen)) return 'open and ended'
  return `${counted(total, 'journey')}${hasChoices(chosen) ? ' of your choice' : ' open'}`
}

function Nothing({ chosen, onChoose }: { chosen: Chosen; onChoose: (next: Chosen) => void }) {
  if (chosen.after !== undefined) {
    return (
      <Empty title="Nothing is left on this page" icon="check">
        <Button size="xs" variant="default" onClick={() => onChoose(choose(chosen, {}))}>
          To the first page
        </Button>
      </Empty>
    )
  }
  if (hasChoices(chosen)) {
    return (
      <Empty title="No journey is like that" icon="search">
        <p>Nothing matches all that is chosen at once.</p>
        <Button size="xs" variant="default" mt="sm" onClick={() => onChoose({})}>
          Show all open journeys
        </Button>
      </Empty>
    )
  }
  return (
    <Empty title="No journey is open" icon="check">
      <p>Every quote that was accepted has come to its end. A new one appears here by itself.</p>
      <Button size="xs" variant="default" mt="sm" onClick={() => onChoose({ state: 'done' })}>
        Show those that are done
      </Button>
    </Empty>
  )
}

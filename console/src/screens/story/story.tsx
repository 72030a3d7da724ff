// One journey's story: where it stands and what to do, what happened over both systems, and who took part.
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { Refusal } from '../../api/client.ts'
import { storyQuery, systemsQuery } from '../../api/queries.ts'
import type { Story } from '../../api/types.ts'
import { comes } from '../../coming.ts'
import { JourneyState, Late } from '../../parts/badge.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { LoadingRows, LoadingText } from '../../parts/loading.tsx'
import { useWanted } from '../../parts/opening.ts'
import { Page, Panel } from '../../parts/page.tsx'
import { openSearch } from '../../shell/search-door.ts'
import { counted } from '../../words/format.ts'
import { lanesOf } from './lanes.ts'
import { Records } from './records.tsx'
import { Situation } from './situation.tsx'
import styles from './story.module.css'
import { Timeline } from './timeline.tsx'

const Values = lazy(comes(() => import('./values.tsx')))
const route = getRouteApi('/journeys/$asked')

export function StoryScreen() {
  const { asked } = route.useParams()
  const { data, error, refetch } = useQuery(storyQuery(asked))
  if (data) return <Told key={asked} story={data} />
  if (error instanceof Refusal && error.status === 404) {
    return (
      <Page title={asked}>
        <Empty title={`Nothing is known as “${asked}”`} icon="search">
          <p>It may not have been heard of yet: this page shows it as soon as it is.</p>
          <p>
            <button type="button" className={styles.textButton} onClick={openSearch}>
              Search
            </button>{' '}
            or <Link to="/journeys">see all open journeys</Link>.
          </p>
        </Empty>
      </Page>
    )
  }
  return (
    <Page title={asked}>
      {error ? (
        <Failure error={error} again={() => void refetch()} />
      ) : (
        <>
          <Panel>
            <LoadingText what="where it stands" />
          </Panel>
          <Panel flush>
            <LoadingRows what="the story" rows={10} height={32} />
          </Panel>
        </>
      )}
    </Page>
  )
}

function Told({ story }: { story: Story }) {
  const { show, record, explain, field } = route.useSearch()
  const navigate = route.useNavigate()
  const wantsValues = useWanted(explain !== undefined)
  const systems = useQuery(systemsQuery).data?.systems ?? []
  const lanes = lanesOf(story, new Map(systems.map(one => [one.system, one.role])))
  const [line, ...others] = story.journeys
  return (
    <Page title={story.title} about={line && <About line={line} />}>
      {line ? (
        <Situation line={line} />
      ) : (
        <Panel>
          <p className="quiet">No journey has begun with this. What the systems told of it stands below.</p>
        </Panel>
      )}
      {others.length > 0 && <Others story={story} />}
      <div className={styles.columns}>
        <Timeline
          story={story}
          lanes={lanes}
          shown={show ?? 'all'}
          record={record}
          onShow={next => void navigate({ search: old => ({ ...old, show: next === 'all' ? undefined : next }) })}
          onRecord={ref => void navigate({ search: old => ({ ...old, record: ref }) })}
        />
        <Records
          story={story}
          chosen={record}
          onChoose={ref => void navigate({ search: old => ({ ...old, record: ref === record ? undefined : ref }) })}
          onExplain={ref => void navigate({ search: old => ({ ...old, explain: ref, field: undefined }) })}
        />
      </div>
      {wantsValues && (
        <Suspense>
          <Values
            reference={explain}
            field={field}
            onClose={() =>
              void navigate({ replace: true, search: old => ({ ...old, explain: undefined, field: undefined }) })
            }
            onOpen={ref => void navigate({ search: old => ({ ...old, explain: ref, field: undefined }) })}
            onWhy={asked => void navigate({ search: old => ({ ...old, explain: asked.ref, field: asked.field }) })}
          />
        </Suspense>
      )}
    </Page>
  )
}

const About = ({ line }: { line: Story['journeys'][number] }) => (
  <span className={styles.about}>
    <JourneyState state={line.state} />
    {line.late && <Late />}
    <span>{line.workflow}</span>
  </span>
)

/** A name can lead to many journeys: a customer's. */
const Others = ({ story }: { story: Story }) => (
  <Panel title={`“${story.asked}” takes part in ${counted(story.journeys.length, 'journey')}`}>
    <ul className={styles.others}>
      {story.journeys.map(({ journey, title, state, checkpoint }) => (
        <li key={journey}>
          <Link to="/journeys/$asked" params={{ asked: journey }}>
            {title}
          </Link>
          <JourneyState state={state} />
          <span className="quiet">{checkpoint}</span>
        </li>
      ))}
    </ul>
  </Panel>
)

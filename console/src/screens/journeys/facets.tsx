// What can be chosen, with how many journeys each choice leaves.
import type { ReactNode } from 'react'
import type { JourneyPage } from '../../api/types.ts'
import { LoadingText } from '../../parts/loading.tsx'
import { count, moneys } from '../../words/format.ts'
import { type Chosen, isChosen, toggled } from './filter.ts'
import styles from './journeys.module.css'
import { NO_STAGE, WORDS } from './words.ts'

type Counts = JourneyPage['facets']
type Props = { facets: Counts | undefined; chosen: Chosen; onChoose: (next: Chosen) => void }
type Option = {
  readonly name: string
  readonly count: number | null
  readonly change: Partial<Chosen>
  readonly title?: string
}

export function Facets({ facets, chosen, onChoose }: Props) {
  if (!facets) {
    return (
      <aside className={styles.facets} aria-label="Filter">
        <LoadingText lines={12} what="what can be chosen" />
      </aside>
    )
  }
  const group = (title: string, options: readonly Option[]): ReactNode => (
    <Group key={title} title={title} options={options} chosen={chosen} onChoose={onChoose} />
  )
  const workflows = facets.byWorkflow.length
  return (
    <aside className={styles.facets} aria-label="Filter">
      {group('Stage', stages(facets))}
      {group(
        'Waits for',
        facets.byWait.map(({ value, count }) => ({ name: WORDS.waits[value], count, change: { waits: value } })),
      )}
      {group('State', states(facets))}
      {group(
        'Started',
        facets.byAge.map(({ value, count }) => ({ name: WORDS.age[value], count, change: { age: value } })),
      )}
      {group(
        'Value',
        facets.byWorth.map(({ value, count }) => ({ name: WORDS.worth[value], count, change: { worth: value } })),
      )}
      {group(
        'System',
        facets.bySystem.map(({ value, count }) => ({ name: value, count, change: { system: value } })),
      )}
      {workflows > 1 &&
        group(
          'Workflow',
          facets.byWorkflow.map(({ value, count }) => ({ name: value, count, change: { workflow: value } })),
        )}
    </aside>
  )
}

/** The same stage of several workflows is one choice. */
function stages({ byCheckpoint }: Counts): Option[] {
  const byName = Map.groupBy(byCheckpoint, one => one.checkpoint ?? '')
  return [...byName].map(([name, same]) => ({
    name: name === '' ? NO_STAGE : name,
    count: same.reduce((sum, one) => sum + one.count, 0),
    change: { stage: name },
    title: `Worth ${moneys(same.flatMap(one => one.worth))}`,
  }))
}

function states({ byState, late }: Counts): Option[] {
  return [
    { name: 'Late', count: late, change: { late: true } },
    { name: 'Stuck', count: byState.stuck, change: { state: 'stuck' } },
    { name: 'Waiting', count: byState.waiting, change: { state: 'waiting' } },
    { name: 'Going on', count: byState.ready, change: { state: 'ready' } },
    { name: 'Done', count: null, change: { state: 'done' } },
    { name: 'Stopped', count: null, change: { state: 'stopped' } },
    { name: 'Open and ended', count: null, change: { state: 'all' } },
  ]
}

function Group({
  title,
  options,
  chosen,
  onChoose,
}: Omit<Props, 'facets'> & { title: string; options: readonly Option[] }) {
  // What leaves nothing is not worth a line, unless it is what was chosen.
  const shown = options.filter(one => one.count !== 0 || isChosen(chosen, one.change))
  if (shown.length === 0) return null
  return (
    <fieldset className={styles.facet}>
      <legend>{title}</legend>
      {shown.map(({ name, count: many, change, title }) => (
        <button
          key={name}
          type="button"
          className={styles.option}
          aria-pressed={isChosen(chosen, change)}
          title={title}
          onClick={() => onChoose(toggled(chosen, change))}
        >
          <span>{name}</span>
          {many !== null && <span className={styles.optionCount}>{count(many)}</span>}
        </button>
      ))}
    </fieldset>
  )
}

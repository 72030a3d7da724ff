// How all stands, in a few numbers; each leads to the journeys behind it.
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { numbersQuery } from '../../api/queries.ts'
import type { JourneyPage } from '../../api/types.ts'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { count, moneys, shortMoney } from '../../words/format.ts'
import { type Chosen, isChosen } from './filter.ts'
import styles from './journeys.module.css'

type Props = { page: JourneyPage | undefined; chosen: Chosen; onChoose: (next: Chosen) => void }
type Tile = {
  readonly name: string
  readonly value: string | undefined
  readonly says: string
  readonly leadsTo: Chosen
  readonly tone?: 'warn' | 'bad' | false
  readonly icon?: IconName
}

export function Headline({ page, chosen, onChoose }: Props) {
  // The whole, whatever is chosen below.
  const all = useQuery(numbersQuery).data?.journeys
  const worth = page?.facets.worth
  const number = (value: number | undefined): string | undefined => (value === undefined ? undefined : count(value))
  const tiles: readonly Tile[] = [
    { name: 'Open', value: number(all?.open), says: 'under way now', leadsTo: {} },
    {
      name: 'Late',
      value: number(all?.late),
      says: 'past a deadline',
      leadsTo: { late: true },
      tone: all !== undefined && all.late > 0 && 'warn',
      icon: 'clock',
    },
    {
      name: 'Stuck',
      value: number(all?.byState.stuck),
      says: 'need a person',
      leadsTo: { state: 'stuck' },
      tone: all !== undefined && all.byState.stuck > 0 && 'bad',
      icon: 'warning',
    },
    {
      name: 'At stake',
      value:
        worth &&
        (worth.length === 0
          ? '–'
          : worth
              .slice(0, 2)
              .map(one => shortMoney(one))
              .join(' + ')),
      says: 'worth of these',
      leadsTo: { ...chosen, after: undefined, page: undefined, sort: 'worth' },
    },
    {
      name: 'Done',
      value: number(all?.lastDay.done),
      says: all ? `of ${count(all.lastDay.started)} in 24 h` : 'in 24 h',
      leadsTo: { state: 'done' },
    },
  ]
  return (
    <ul className={styles.headline} aria-label="How all stands">
      {tiles.map(({ name, value, says, leadsTo, tone, icon }) => (
        <li key={name}>
          <button
            type="button"
            className={styles.tile}
            data-tone={tone || undefined}
            data-chosen={Object.keys(leadsTo).length > 0 && isChosen(chosen, leadsTo) ? '' : undefined}
            title={name === 'At stake' && worth ? moneys(worth) : undefined}
            onClick={() => onChoose(leadsTo)}
          >
            <span className={styles.tileName}>
              {tone && icon && <Icon name={icon} size={13} />} {name}
            </span>
            <span className={styles.tileValue}>{value ?? <Skeleton height={20} width={56} my={4} />}</span>
            <span className={styles.tileSays}>{says}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

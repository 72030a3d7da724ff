// One table: what is missing first, then its entries, each to be changed where it stands, and who changed what.
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Fragment, useState } from 'react'
import type { Tables, ValueTable } from '../../api/types.ts'
import { Ago } from '../../parts/ago.tsx'
import { Badge } from '../../parts/badge.tsx'
import { FailureLine } from '../../parts/failure.tsx'
import { LoadingText } from '../../parts/loading.tsx'
import { Panel } from '../../parts/page.tsx'
import { count, counted } from '../../words/format.ts'
import { type Entry, tableQuery, type Word } from './asked.ts'
import { FactorDialog, type FactorSubject } from './factor-dialog.tsx'
import { MissingValue } from './missing-value.tsx'
import { RateDialog, type RateSubject } from './rate-dialog.tsx'
import { SayDialog, type Subject } from './say-dialog.tsx'
import styles from './tables.module.css'

export function TablePanel({ of }: { of: Tables['tables'][number] }) {
  const [subject, setSubject] = useState<Subject>()
  const [rating, setRating] = useState<RateSubject>()
  const [factor, setFactor] = useState<FactorSubject>()
  const table = useQuery(tableQuery(of.table))
  const lacking = of.missing.filter(one => one.records > 0).length
  return (
    <Panel
      title={of.table}
      flush
      side={
        <span className={styles.side}>
          {lacking > 0 && (
            <Badge tone="bad" icon="warning">
              {counted(lacking, 'value')} missing
            </Badge>
          )}
          <span className="quiet">
            kept by <b>{of.keptBy}</b>
          </span>
          {table.data && (
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => (table.data.rates === null ? setSubject({}) : setRating({}))}
            >
              {table.data.rates === null ? 'Add a value…' : 'Add a rate…'}
            </Button>
          )}
          {table.data?.factors && (
            <Button size="compact-xs" variant="default" onClick={() => setFactor({})}>
              Add a factor…
            </Button>
          )}
        </span>
      }
    >
      <p className={styles.says}>{of.says}</p>
      {of.missing.map(one => (
        <MissingValue
          key={`${one.system} ${one.way} ${one.value}`}
          of={one}
          onSay={setSubject}
          onRate={setRating}
          onFactor={setFactor}
        />
      ))}
      {table.data ? (
        <>
          {table.data.rates === null ? (
            <Entries of={table.data} onSay={setSubject} />
          ) : (
            <Rates of={table.data.rates} onRate={setRating} />
          )}
          {table.data.factors && <Factors of={table.data.factors} onFactor={setFactor} />}
          <History of={table.data} />
        </>
      ) : table.isError ? (
        <FailureLine error={table.error} />
      ) : (
        <div className={styles.says}>
          <LoadingText what={of.table} />
        </div>
      )}
      <SayDialog table={table.data} subject={subject} onClose={() => setSubject(undefined)} />
      <RateDialog table={of.table} subject={rating} onClose={() => setRating(undefined)} />
      <FactorDialog table={table.data} subject={factor} onClose={() => setFactor(undefined)} />
    </Panel>
  )
}

function Entries({ of, onSay }: { of: ValueTable; onSay: (subject: Subject) => void }) {
  if (of.entries.length === 0) return <p className={styles.says}>It has no value yet.</p>
  return (
    <table className={styles.table}>
      <caption className="sr-only">What the values of {of.table} are called in each system</caption>
      <thead>
        <tr>
          <th scope="col">Our value</th>
          {of.systems.map(({ system, fields }) => (
            <th key={system} scope="col" title={fields.join(', ')}>
              {system}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {of.entries.map(entry => (
          <tr key={entry.value}>
            <th scope="row">{entry.value}</th>
            {of.systems.map(({ system }, i) => (
              <td key={system}>
                <Cell entry={entry} system={system} isFirst={i === 0} onSay={onSay} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Rates({ of, onRate }: { of: NonNullable<ValueTable['rates']>; onRate: (subject: RateSubject) => void }) {
  if (of.length === 0) return <p className={styles.says}>It has no rate yet.</p>
  return (
    <table className={styles.table}>
      <caption className="sr-only">The rates, the latest of each pair first</caption>
      <thead>
        <tr>
          <th scope="col">One</th>
          <th scope="col">Is</th>
          <th scope="col">From the day</th>
        </tr>
      </thead>
      <tbody>
        {of.map(({ from, to, since, rate }) => (
          <tr key={`${from} ${to} ${since}`}>
            <th scope="row">{from}</th>
            <td>
              <button type="button" className={styles.cell} data-row="" onClick={() => onRate({ from, to, since })}>
                {rate} {to}
                <span className="sr-only">. Change it</span>
              </button>
            </td>
            <td>{since}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Factors({
  of,
  onFactor,
}: {
  of: NonNullable<ValueTable['factors']>
  onFactor: (subject: FactorSubject) => void
}) {
  if (of.length === 0) return <p className={styles.says}>Nobody has said yet how many of one unit another is.</p>
  return (
    <table className={styles.table}>
      <caption className="sr-only">How many of one unit another is</caption>
      <thead>
        <tr>
          <th scope="col">One</th>
          <th scope="col">Is</th>
          <th scope="col">Of the product</th>
        </tr>
      </thead>
      <tbody>
        {of.map(factor => (
          <tr key={`${factor.unit} ${factor.of} ${factor.thing}`}>
            <th scope="row">{factor.unit}</th>
            <td>
              <button type="button" className={styles.cell} data-row="" onClick={() => onFactor(factor)}>
                {factor.is} {factor.of}
                <span className="sr-only">. Change it</span>
              </button>
            </td>
            <td>{factor.thing ?? <span className="quiet">every one</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Cell({
  entry,
  system,
  isFirst,
  onSay,
}: {
  entry: Entry
  system: string
  isFirst: boolean
  onSay: (subject: Subject) => void
}) {
  const words = entry.in[system] ?? []
  return (
    <button
      type="button"
      className={styles.cell}
      {...(isFirst && { 'data-row': '' })}
      onClick={() => onSay({ value: entry.value, system })}
    >
      <span className="sr-only">
        {entry.value} in {system}:{' '}
      </span>
      {words.length === 0 && <span className="quiet">–</span>}
      {words.map((word, i) => (
        <Fragment key={word.native}>
          {i > 0 && <span className="sr-only">, </span>}
          <WordPart of={word} />
        </Fragment>
      ))}
      <span className="sr-only">. Change it</span>
    </button>
  )
}

const wordWords = ({ native, used }: Word): string => (used === 'both' ? native : `${native}, only ${used}`)

const WordPart = ({ of: { native, used } }: { of: Word }) => (
  <span className={styles.word} data-used={used}>
    {native}
    {used !== 'both' && <small> {used === 'read' ? 'also read' : 'only written'}</small>}
  </span>
)

const FIRST = 5

function History({ of: { history } }: { of: ValueTable }) {
  const [all, setAll] = useState(false)
  if (history.length === 0) return null
  const shown = all ? history : history.slice(0, FIRST)
  return (
    <div className={styles.history}>
      <h3>History</h3>
      <ol>
        {shown.map(({ at, by, why, value, system, was, is }) => (
          <li key={`${at} ${value} ${system}`}>
            <span className="quiet">
              <Ago at={at} />
            </span>
            <span>
              <b>{by}</b>: {value} in {system}: {was.length > 0 && <s>{was.map(wordWords).join(', ')}</s>}{' '}
              {is.map(wordWords).join(', ') || 'taken out'}
            </span>
            <span className="quiet">{why}</span>
          </li>
        ))}
      </ol>
      {history.length > FIRST && !all && (
        <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
          Show {count(history.length - FIRST)} more
        </Button>
      )}
    </div>
  )
}

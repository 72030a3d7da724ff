// One comparison: a row that opens to its story, object by object.
import { useId, useState } from 'react'
import { Ago } from '../../parts/ago.tsx'
import { Badge } from '../../parts/badge.tsx'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { count, took } from '../../words/format.ts'
import { labelOf } from '../../words/label.ts'
import type { Comparison } from './asked.ts'
import styles from './gaps.module.css'
import { foundWords, missedIn, stateOf, whyWords } from './words.ts'

const SIGNS = {
  good: 'check',
  warn: 'warning',
  bad: 'warning',
  wait: 'clock',
  plain: 'check',
} as const satisfies Record<string, IconName>

export function ComparisonRows({ of }: { of: Comparison }) {
  // What goes on is what one came to see.
  const [open, setOpen] = useState(of.state !== 'ended')
  const more = useId()
  const { word, tone } = stateOf(of)
  return (
    <>
      <tr>
        <th scope="row">
          <button
            type="button"
            className={styles.row}
            data-row=""
            aria-expanded={open}
            aria-controls={open ? more : undefined}
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? 'down' : 'next'} size={11} />
            <span>{of.system}</span>
          </button>
        </th>
        <td className="quiet">
          <Ago at={of.openedAt} />
        </td>
        <td>{whyWords(of)}</td>
        <td>
          {missedIn(of.found) > 0 && `${foundWords(of.found)} of `}
          <span className="quiet">{count(of.found.read)} looked at</span>
        </td>
        <td>
          <Badge tone={tone} icon={SIGNS[tone]}>
            {word}
          </Badge>
        </td>
      </tr>
      {open && (
        <tr id={more} className={styles.more}>
          <td colSpan={5}>
            <Story of={of} />
          </td>
        </tr>
      )}
    </>
  )
}

const Story = ({ of: { story, trouble, progress, openedAt, endedAt } }: { of: Comparison }) => (
  <div className={styles.story}>
    <p>{story}</p>
    {trouble !== null && (
      <p className={styles.trouble}>
        <Icon name="warning" size={13} /> {trouble}
      </p>
    )}
    {Object.keys(progress).length > 0 && (
      <table className={styles.objects}>
        <caption className="sr-only">What was found, object by object</caption>
        <thead>
          <tr>
            <th scope="col">Object</th>
            <th scope="col">Looked at</th>
            <th scope="col">Had changed</th>
            <th scope="col">Never told</th>
            <th scope="col">Gone</th>
            <th scope="col">How far</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(progress).map(([object, { read, changed, unknown, gone, phase }]) => (
            <tr key={object}>
              <th scope="row">{object}</th>
              {[read, changed, unknown, gone].map((many, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: each column has its place
                <td key={i} data-some={i > 0 && many > 0 ? '' : undefined}>
                  {count(many)}
                </td>
              ))}
              <td className="quiet">{FAR[phase] ?? labelOf(phase)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    {endedAt !== null && (
      <p className="quiet">It took {took(new Date(endedAt).getTime() - new Date(openedAt).getTime())}.</p>
    )}
  </div>
)

const FAR: Readonly<Record<string, string>> = {
  changed: 'reading what changed',
  all: 'comparing all',
  missing: 'looking for what is gone',
  done: 'done',
}

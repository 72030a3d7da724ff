// A value that nobody has explained yet: since when, the records that wait for it and what they are worth.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Ago } from '../../parts/ago.tsx'
import { count, counted, money, moneys } from '../../words/format.ts'
import type { Missing } from './asked.ts'
import type { FactorSubject } from './factor-dialog.tsx'
import type { RateSubject } from './rate-dialog.tsx'
import type { Subject } from './say-dialog.tsx'
import styles from './tables.module.css'

const SHOWN = 6

export function MissingValue({
  of,
  onSay,
  onRate,
  onFactor,
}: {
  of: Missing
  onSay: (subject: Subject) => void
  onRate: (subject: RateSubject) => void
  onFactor: (subject: FactorSubject) => void
}) {
  const { system, way, value, records, onTheWay, since, todo } = of
  const named = questionOf(of)
  return (
    <section className={styles.missing} aria-label={named}>
      <div className={styles.words}>
        <h3>{named}</h3>
        <p>
          {records > 0 ? (
            <>
              <b>{counted(records, 'record')}</b> {records === 1 ? 'waits' : 'wait'} for it
              {of.worth.length > 0 && (
                <>
                  , worth <b>{moneys(of.worth)}</b>
                </>
              )}
              {of.journeys > 0 && <>, in {counted(of.journeys, 'journey')}</>}, since <Ago at={since} />
            </>
          ) : (
            'It has been said'
          )}
          {onTheWay > 0 && `; ${count(onTheWay)} let go, on their way`}.
        </p>
        {isMendedElsewhere(of) && <p>{todo}.</p>}
        <Records of={of} />
      </div>
      {records > 0 && !isMendedElsewhere(of) && (
        <Button
          size="xs"
          data-row=""
          onClick={() => {
            if (way === 'rate') onRate(rateIn(value))
            else if (way === 'unit') onFactor(factorIn(value))
            else onSay(way === 'read' ? { system, native: value } : { system, value })
          }}
        >
          Say it…
        </Button>
      )}
    </section>
  )
}

function questionOf(of: Missing): string {
  const { way, value, system, reason } = of
  if (way === 'rate' || isMendedElsewhere(of)) return reason
  if (way === 'unit') {
    const { unit, of, thing } = factorIn(value)
    return `How many ${of} is one ${unit} of ${thing}?`
  }
  return way === 'read' ? `What does “${value}” of ${system} mean?` : `What is “${value}” called in ${system}?`
}

/** `USD to EUR on 2026-11-22`. Without a day there is nothing to be said of the rate. */
function rateIn(value: string): RateSubject {
  const [from = '', , to = '', , since = ''] = value.split(' ')
  return { from, to, ...(/^\d/.test(since) && { since }) }
}

/** `/pack/piece/TG22`; before the first stroke is what was to be counted, where the factor is there. */
function factorIn(value: string): FactorSubject {
  const [, unit = '', of = '', ...thing] = value.split('/')
  return { unit, of, thing: thing.join('/') }
}
/** Nothing to be said in the table: the quantity or the price does not fit, or it is the product that does not say its unit. */
const isMendedElsewhere = ({ way, value }: Missing): boolean =>
  way === 'said' || (way === 'unit' && !value.startsWith('/'))

const Records = ({ of: { held, records, onTheWay } }: { of: Missing }) => (
  <ul className={styles.held}>
    {held.slice(0, SHOWN).map(one => (
      <li key={`${one.system} ${one.object} ${one.ref ?? one.nativeId}`}>
        {one.ref === null ? (
          one.title
        ) : (
          <Link to="/journeys/$asked" params={{ asked: one.ref }}>
            {one.title}
          </Link>
        )}
        {one.worth && <span className="quiet"> {money(one.worth)}</span>}
      </li>
    ))}
    {records + onTheWay > SHOWN && <li className="quiet">and {count(records + onTheWay - SHOWN)} more</li>}
  </ul>
)

// A value that nobody has explained yet: since when, the records that wait for it and what they are worth.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Ago } from '../../parts/ago.tsx'
import { count, counted, money, moneys } from '../../words/format.ts'
import type { Missing } from './asked.ts'
import type { Subject } from './say-dialog.tsx'
import styles from './tables.module.css'

const SHOWN = 6

export function MissingValue({ of, onSay }: { of: Missing; onSay: (subject: Subject) => void }) {
  const { system, way, value, records, onTheWay, since } = of
  const named = way === 'read' ? `What does “${value}” of ${system} mean?` : `What is “${value}” called in ${system}?`
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
        <Records of={of} />
      </div>
      {records > 0 && (
        <Button
          size="xs"
          data-row=""
          onClick={() => onSay(way === 'read' ? { system, native: value, isAsked: 'value' } : { system, value })}
        >
          Say it…
        </Button>
      )}
    </section>
  )
}

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

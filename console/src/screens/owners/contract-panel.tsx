// One contract: where it lives, and a row for each field; a row opens to show where each system keeps the value.
import { Fragment, type ReactNode, useId, useState } from 'react'
import type { OwnedContract, OwnedField, OwnerCell } from '../../api/types.ts'
import { Badge } from '../../parts/badge.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Panel } from '../../parts/page.tsx'
import styles from './owners.module.css'

export function ContractPanel({ of }: { of: OwnedContract }) {
  const roles = of.presence.filter(one => one.holds)
  return (
    <Panel
      title={of.label}
      flush
      side={
        <span className={styles.side}>
          {of.nature === 'fact' && <Badge title="It is never changed, only followed by another">Fact</Badge>}
          <span className="quiet">
            contract {of.contract}, version {of.version}
          </span>
        </span>
      }
    >
      <Life of={of} />
      <table className={styles.table}>
        <caption className="sr-only">The fields of {of.label}, who owns each, and what each role does with it</caption>
        <thead>
          <tr>
            <th scope="col" data-column="field">
              Field
            </th>
            <th scope="col" data-column="whose">
              Whose it is
            </th>
            {roles.map(({ role, name, systems }) => (
              <th key={role} scope="col">
                {name} <span className={styles.systems}>{systems.join(', ')}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {of.fields.map(field => (
            <FieldRows key={field.field} field={field} roles={roles.map(one => one.role)} />
          ))}
        </tbody>
      </table>
    </Panel>
  )
}

/** Who gives birth to it, where it lives, and what its disappearance means. */
const Life = ({ of: { bornBy, match, desk, presence } }: { of: OwnedContract }) => (
  <dl className={styles.life}>
    <Fact name="Born by">{bornBy}</Fact>
    {match !== null && <Fact name="Known as the same by">{match}</Fact>}
    {desk !== null && <Fact name="Change requests go to">{desk}</Fact>}
    {presence
      .filter(one => one.holds)
      .map(({ role, called, lives, whenGone, saysIn }) => (
        <Fact key={role} name={`In ${called}`}>
          {lives}
          <span className="quiet">; when it disappears there, {whenGone}</span>
          {saysIn.length > 0 && <span className="quiet">; {saysIn.join(', ')} says what became of an edit</span>}
        </Fact>
      ))}
  </dl>
)

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

function FieldRows({ field, roles }: { field: OwnedField; roles: readonly string[] }) {
  const [open, setOpen] = useState(false)
  const more = useId()
  const cells = roles.map(role => field.cells.find(cell => cell.role === role))
  return (
    <Fragment>
      <tr data-line={field.of === null ? undefined : ''}>
        <th scope="row">
          <button
            type="button"
            className={styles.field}
            data-row=""
            aria-expanded={open}
            aria-controls={open ? more : undefined}
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? 'down' : 'next'} size={11} />
            <span>
              {field.of !== null && <span className="sr-only">{field.of}: </span>}
              {field.label}
            </span>
          </button>
          {field.shared && (
            <Badge tone="warn" title={`Nobody owns it, because ${field.shared.because}`}>
              Shared
            </Badge>
          )}
          {field.personal && <Badge title="It tells of a person: sealed, and erased with them">Personal</Badge>}
        </th>
        <td>{field.ownedBy}</td>
        {cells.map((cell, i) => (
          <td key={roles[i]}>{cell && <Part cell={cell} />}</td>
        ))}
      </tr>
      {open && (
        <tr id={more} className={styles.more}>
          <td colSpan={2 + roles.length}>
            <Places field={field} />
          </td>
        </tr>
      )}
    </Fragment>
  )
}

const Part = ({ cell: { part, says } }: { cell: OwnerCell }) =>
  part.startsWith('owns') || part === 'shares' ? (
    <span className={styles.owns}>{says}</span>
  ) : (
    <span className="quiet">{part === 'skips' ? 'not kept' : says}</span>
  )

/** What a person sees who looks for the field in a system. */
const Places = ({ field }: { field: OwnedField }) => (
  <dl className={styles.places}>
    {field.cells.flatMap(cell =>
      cell.systems.map(({ system, keptIn, reason, part, table }) => (
        <Fact key={system} name={system}>
          {reason !== null && <>not kept: {reason}</>}
          {keptIn.map((place, i) => (
            <Fragment key={place}>
              {i > 0 && ', '}
              <code>{place}</code>
            </Fragment>
          ))}
          {table !== null && (
            <span className="quiet">
              {' '}
              by the table {table.table}, kept by {table.keptBy}
            </span>
          )}
          {part === 'computes' && <span className="quiet"> works it out of these, and is never told it</span>}
          {part === 'once' && <span className="quiet"> is told once, when the record is created there</span>}
        </Fact>
      )),
    )}
    {field.bornFrom !== null && <Fact name="At birth">taken from {field.bornFrom}</Fact>}
    <Fact name="In the project">
      <code>{field.field}</code>
      <span className="quiet">
        , {field.kind}
        {field.optional ? ', may be absent' : ''}
      </span>
    </Fact>
  </dl>
)

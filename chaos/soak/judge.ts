// What must be true of a record: every system holds what ownership says, each in its own form, and no write of ours was in vain.
import type { Rest } from './rest.ts'
import { type Attribute, attributes } from './system.ts'
import { formIn, type Name, names, type Systems } from './world.ts'

/** Each attribute as its owner last set it; null where the owner leaves it empty. */
export type Truth = { readonly label: string; readonly values: Record<Attribute, string | null> }

/** Who owns an attribute of the record as it stands. */
export function ownerOf(attribute: Attribute, { values }: Truth): Name {
  if (attribute === 'Price' || attribute === 'Stock' || attribute === 'Status') return 'erp'
  if (attribute === 'Consent') return 'consent'
  if (attribute === 'Terms') return values.Status === 'booked' || values.Status === 'closed' ? 'erp' : 'crm'
  if (attribute === 'Discount') return values.Channel === 'partner' ? 'crm' : 'erp'
  return 'crm'
}

/** Waits until a record is at rest, and says what is wrong with it then. */
export async function judge(truth: Truth, systems: Systems, rest: Rest): Promise<void> {
  const isAtRest = await rest.of(truth.label)
  const wrong = [
    ...(isAtRest ? [] : [`it does not come to rest`]),
    ...names.flatMap(name => differencesIn(name, systems, truth)),
    ...names.flatMap(name => echoesIn(name, systems, truth)),
  ]
  if (wrong.length === 0) return
  const effects = names.flatMap(name =>
    systems[name].of(truth.label).journal.map(one => `  ${name} ${JSON.stringify(one)}`),
  )
  const story = await rest.story(truth.label)
  throw new Error(`${truth.label}: ${wrong.join('; ')}\nThe systems:\n${effects.join('\n')}\nThe engine:\n${story}`)
}

function differencesIn(name: Name, systems: Systems, truth: Truth): string[] {
  const { rows } = systems[name].of(truth.label)
  if (rows.length !== 1) return [`${rows.length} records in ${name}`]
  return attributes.flatMap(attribute => {
    const is = rows[0]?.values[attribute] ?? null
    const value = truth.values[attribute]
    const should = ownerOf(attribute, truth) === name ? value : formIn(name, attribute, value)
    return is === should ? [] : [`${attribute} in ${name} is ${is} instead of ${should}`]
  })
}

const echoesIn = (name: Name, systems: Systems, { label }: Truth): string[] =>
  systems[name].of(label).echoes.map(({ asked }) => `${name} was written ${JSON.stringify(asked)} in vain`)

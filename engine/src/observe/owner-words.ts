// Ownership in words that a business person reads: whose a field is, until when, and what then.
import type { AnyContract, Extras, Field, Gone, HandOver, Presence, Shared } from '@plumbline/sdk'
import { theRole } from '../kernel/naming.ts'

export { theRole }

/** As people say it: `erp` is "ERP", `consent` stays as it is. */
export const roleName = (role: string): string => (role.length <= 3 ? role.toUpperCase() : role)

export const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}`
/** "the ERP", "the CRM and the ERP", "the CRM, the ERP and consent". */
export const joined = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
const LATER: Readonly<Record<HandOver['later'], string>> = {
  'change request': 'later edits become change requests',
  refuse: 'later edits are refused',
  'put right': 'later edits are put right',
  try: 'later edits stand if it takes them',
}

const AGREED: Readonly<Record<Shared['agreed'], string>> = {
  latest: 'of two edits at once the later counts',
  ask: 'of two edits at once a desk chooses',
  'keep both': 'of two edits at once both are kept',
}

const OTHERS: Readonly<Record<HandOver['later'], string>> = {
  'change request': "others' edits become change requests",
  refuse: "others' edits are refused",
  'put right': "others' edits are put right",
  try: "others' edits stand if it takes them",
}

/** "while this holds: order.channel === 'partner'". */
export const whileWords = (test: (record: never) => boolean): string =>
  `while this holds: ${test
    .toString()
    .replace(/^[^=]*=>\s*/, '')
    .replace(/\s+/g, ' ')}`

/** "The CRM until booked, then the ERP; later edits become change requests." Lines are owned field by field. */
export function ownedBy(field: Field<unknown>): string {
  const { kind, owner, handOver, condition, others, lines, shared, settled } = field
  if (shared)
    return `Shared by ${joined(shared.roles.map(theRole))}: ${AGREED[shared.agreed]}, because ${shared.because}`
  if (kind === 'lines') return linesOwnedBy(lines?.extras)
  if (settled) return 'Settled when it is born'
  if (owner === undefined) return 'Nobody'
  const rest = others === undefined || others === 'put right' ? '' : `; ${OTHERS[others]}`
  if (condition)
    return sentence(`${theRole(owner)} ${whileWords(condition.when)}, otherwise ${theRole(condition.otherwise)}${rest}`)
  if (!handOver) return sentence(`${theRole(owner)}${rest}`)
  return sentence(
    `${theRole(owner)} until ${handOver.until}, then ${theRole(handOver.then)}; ${LATER[handOver.later]}${rest}`,
  )
}

const linesOwnedBy = (extras: string | Extras | undefined): string => {
  if (extras === undefined) return 'Field by field'
  if (typeof extras === 'string')
    return `Field by field; lines that ${theRole(extras)} adds, such as freight, are welcome`
  return `Field by field; what ${theRole(extras.by)} adds, such as freight, is kept as "${extras.into}"`
}

const LIVES: Readonly<Record<Exclude<Presence['lives'], 'when'>, string>> = {
  always: 'always',
  routed: 'in the system that the route names',
  'where found': 'where somebody entered it',
}

/** "always", "from booked on", "where somebody entered it". */
export function livesIn(presence: Presence): string {
  if (presence.lives !== 'when') return LIVES[presence.lives]
  const source = presence.test.toString()
  const stage = /^\(?\s*(\w+)\s*\)?\s*=>\s*\1\.status\.reached\(\s*['"`]([^'"`]+)['"`]\s*,?\s*\)\s*$/.exec(source)?.[2]
  return stage === undefined ? whileWords(presence.test) : `from ${stage} on`
}

const GONE: Readonly<Record<Gone, string>> = {
  close: 'it is closed elsewhere',
  archive: 'it is archived elsewhere',
  ignore: 'nothing changes elsewhere',
  propagate: 'it is deleted elsewhere too',
}
export const whenGone = (word: Gone = 'ignore'): string => GONE[word]

/** Who gives birth to a record: a workflow alone, or whoever enters it in a system where it is not brought by us. */
export function bornBy({ options }: AnyContract): string {
  const { bornBy: workflow, from, livesIn = {} } = options
  const out = from ? `, out of a ${from.of}` : ''
  if (workflow !== undefined) return `The workflow ${workflow} alone${out}`
  const entered = Object.keys(livesIn).filter(role => livesIn[role]?.lives === 'where found')
  return `Whoever enters it${entered.length > 0 ? ` in ${entered.map(theRole).join(' or ')}` : ''}${out}`
}

// The register: people (subjects) and what they consented to, one consent for each person and purpose. Everything is
// synchronous, so a transaction is alone while it runs; it is on disk before its caller hears of it.
import { isRow } from './http.ts'
import { type Changed, Journal, type Kept as KeptAnswer, type Line, type Told } from './journal.ts'
import { invalid, Problem } from './problem.ts'
import { type Kept, keptIn, Shelf } from './shelf.ts'

export const PURPOSES = ['newsletter', 'profiling', 'phone'] as const
const STATUSES = ['pending', 'granted', 'withdrawn'] as const
const LEGAL_BASES = ['consent', 'contract', 'legitimate_interest'] as const

/** How long a deleted record is still told of, and how long an answer is given again to the same key. */
const TOMBSTONES_MS = 30 * 86_400_000
const KEYS_MS = 24 * 3_600_000

export type Values = Readonly<Record<string, string | null>>

export class Register {
  readonly journal: Journal
  readonly subjects = new Shelf('subject', 'sub')
  readonly consents = new Shelf('consent', 'con')
  readonly #now: () => number
  readonly #answers = new Map<string, KeptAnswer & { readonly at: number }>()
  /** Who has an e-mail address, and which consent somebody has given for a purpose. */
  readonly #byEmail = new Map<string, string>()
  readonly #byExternalId = new Map<string, string>()
  readonly #byPurpose = new Map<string, string>()
  #last = 0
  #open: { readonly by: string; readonly at: number; readonly before: Map<string, Kept | undefined> } | undefined

  constructor(dataFolder: string, now: () => number) {
    this.journal = new Journal(dataFolder)
    this.#now = now
    this.journal.replay(line => this.#replayed(line))
  }

  get now(): number {
    return this.#now()
  }

  /** Since when deleted records are still told of: older cursors have missed some. */
  get tombstonesSince(): number {
    return this.#now() - TOMBSTONES_MS
  }

  /**
   * Runs `work` as one transaction. It checks before it changes anything: what throws has changed nothing. `keep` is an
   * answer to be given again.
   */
  transact<T>(by: string, work: () => T, keep?: (result: T) => KeptAnswer): T {
    // Times never go back, so that the feed stays in their order.
    const at = Math.max(this.#now(), this.#last)
    const open = { by, at, before: new Map<string, Kept | undefined>() }
    this.#open = open
    try {
      const result = work()
      const changed = [...open.before].flatMap(([key, before]) => this.#changed(key, before))
      const kept = keep?.(result)
      const line: Line = { at, by, changes: changed.map(({ change }) => change), ...(kept && { kept }) }
      if (changed.length > 0 || kept)
        this.journal.append(
          line,
          changed.flatMap(({ told }) => told),
        )
      if (kept) this.#answers.set(kept.key, { ...kept, at })
      return result
    } finally {
      this.#last = at
      this.#open = undefined
    }
  }

  /** What was answered to this key within the last day. */
  answered(key: string): KeptAnswer | undefined {
    const known = this.#answers.get(key)
    return known && known.at > this.#now() - KEYS_MS ? known : undefined
  }

  // ---- subjects

  createSubject(values: Values): Kept {
    const fields = { email: null, first_name: null, last_name: null, external_id: null, ...values }
    this.#mayBeSubject(fields, undefined)
    return this.#put(this.subjects, this.subjects.nextId(), fields)
  }

  changeSubject(subject: Kept, values: Values): Kept {
    const fields = { ...subject.fields, ...values }
    this.#mayBeSubject(fields, subject.id)
    return this.#put(this.subjects, subject.id, fields)
  }

  /** With all that the person ever consented to. Ids and times stay, for those who follow. */
  deleteSubject(subject: Kept): void {
    for (const consent of this.consentsOf(subject.id)) this.#put(this.consents, consent.id, undefined)
    this.#put(this.subjects, subject.id, undefined)
  }

  subjectOfEmail(email: string): Kept | undefined {
    return this.subjects.get(this.#byEmail.get(email.toLowerCase()) ?? '')
  }

  subjectOfExternalId(externalId: string): Kept | undefined {
    return this.subjects.get(this.#byExternalId.get(externalId) ?? '')
  }

  #mayBeSubject({ email, external_id }: Values, id: string | undefined): void {
    if (!email) throw invalid('email', 'A subject has an e-mail address')
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw invalid('email', `'${email}' is no e-mail address`)
    const namesake = this.subjectOfEmail(email)
    if (namesake && namesake.id !== id)
      throw new Problem(409, 'email_taken', `Another subject has the e-mail address ${email}`, {
        existing: namesake.id,
      })
    const other = external_id ? this.subjectOfExternalId(external_id) : undefined
    if (other && other.id !== id)
      throw new Problem(409, 'external_id_taken', `Another subject has the external id ${external_id}`, {
        existing: other.id,
      })
  }

  // ---- consents

  createConsent(values: Values): Kept {
    const given = { legal_basis: 'consent', source: null, ...values }
    const { subject_id, purpose, status } = given as Values
    if (!subject_id || !this.subjects.get(subject_id)) throw invalid('subject_id', `There is no subject ${subject_id}`)
    if (!purpose) throw invalid('purpose', `A consent has a purpose: one of ${PURPOSES.join(', ')}`)
    if (!status) throw invalid('status', `A consent has a status: one of ${STATUSES.join(', ')}`)
    this.#mayBeConsent(given)
    const known = this.consentFor(subject_id, purpose)
    if (known)
      throw new Problem(409, 'consent_exists', `${subject_id} has a consent for ${purpose}`, { existing: known.id })
    return this.#put(this.consents, this.consents.nextId(), { ...given, decided_at: this.#decided() })
  }

  changeConsent(consent: Kept, values: Values): Kept {
    const fields = { ...consent.fields, ...values }
    this.#mayBeConsent(fields)
    const { status } = consent.fields
    if (fields.status === 'pending' && status !== 'pending')
      throw new Problem(422, 'illegal_transition', `A consent that is ${status} does not become pending again`)
    const decided = fields.status === status ? consent.fields.decided_at : this.#decided()
    return this.#put(this.consents, consent.id, { ...fields, decided_at: decided ?? null })
  }

  consentFor(subject: string, purpose: string): Kept | undefined {
    return this.consents.get(this.#byPurpose.get(`${subject}/${purpose}`) ?? '')
  }

  consentsOf(subject: string): Kept[] {
    return PURPOSES.flatMap(purpose => this.consentFor(subject, purpose) ?? [])
  }

  #mayBeConsent({ purpose, status, legal_basis }: Values): void {
    mustBe('purpose', purpose, PURPOSES)
    mustBe('status', status, STATUSES)
    mustBe('legal_basis', legal_basis, LEGAL_BASES)
  }

  #decided(): string {
    return new Date(this.#open?.at ?? 0).toISOString()
  }

  // ---- how it is kept

  /** Without fields the record is deleted. */
  #put(shelf: Shelf, id: string, fields: Values | undefined): Kept {
    const open = this.#open
    if (!open) throw new Error('The register was changed outside a transaction')
    const before = shelf.kept(id)
    const key = `${shelf.object}/${id}`
    if (!open.before.has(key)) open.before.set(key, before)
    const row: Kept = {
      id,
      version: (before?.version ?? 0) + 1,
      created: before?.created ?? open.at,
      updated: open.at,
      by: open.by,
      deleted: fields === undefined,
      fields: fields ?? {},
    }
    this.#place(shelf, row)
    return row
  }

  #place(shelf: Shelf, row: Kept): void {
    const former = shelf.get(row.id)?.fields ?? {}
    const places: readonly (readonly [Map<string, string>, (fields: Values) => string | null | undefined])[] =
      shelf === this.subjects
        ? [
            [this.#byEmail, fields => fields.email?.toLowerCase()],
            [this.#byExternalId, fields => fields.external_id ?? undefined],
          ]
        : [[this.#byPurpose, fields => fields.subject_id && `${fields.subject_id}/${fields.purpose}`]]
    for (const [index, keyOf] of places) {
      const [was, is] = [keyOf(former), keyOf(row.fields)]
      if (was) index.delete(was)
      if (is) index.set(is, row.id)
    }
    shelf.put(row)
  }

  #changed(key: string, before: Kept | undefined): { change: Changed; told: readonly Told[] }[] {
    const [object = '', id = ''] = key.split('/')
    const after = this.#shelf(object)?.kept(id)
    return after ? [{ change: [object, id, { ...after }], told: toldOf(object, before, after) }] : []
  }

  #replayed(line: Line): Told[] {
    if (line.kept) this.#answers.set(line.kept.key, { ...line.kept, at: line.at })
    this.#last = Math.max(this.#last, line.at)
    return line.changes.flatMap(([object, id, row]) => {
      const shelf = this.#shelf(object)
      const after = isRow(row) ? keptIn(row) : undefined
      if (!shelf || !after) return []
      const before = shelf.kept(id)
      this.#place(shelf, after)
      return toldOf(object, before, after)
    })
  }

  #shelf(object: string): Shelf | undefined {
    return [this.subjects, this.consents].find(shelf => shelf.object === object)
  }
}

function mustBe(field: string, value: string | null | undefined, values: readonly string[]): void {
  if (value && !values.includes(value)) throw invalid(field, `'${value}' is none of ${values.join(', ')}`)
}

function toldOf(object: string, before: Kept | undefined, after: Kept): Told[] {
  const is = { object, id: after.id }
  if (after.deleted) return before?.deleted === false ? [{ ...is, kind: 'delete', fields: {} }] : []
  if (!before) return [{ ...is, kind: 'create', fields: after.fields }]
  const changed = Object.entries(after.fields).filter(([name, value]) => before.fields[name] !== value)
  return [{ ...is, kind: 'update', fields: Object.fromEntries(changed) }]
}

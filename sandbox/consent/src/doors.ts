// Everything under /_sandbox: what people do (the person concerned, a privacy officer), and what watchers see. Outside the
// API, and free of faults.

import { WrongFault } from './fault-plan.ts'
import type { Faults } from './faults.ts'
import { isRow, jsonReply, parsed, type Reply, type Request, type Row } from './http.ts'
import { invalid, Problem, problemReply } from './problem.ts'
import { PURPOSES, type Register } from './register.ts'
import type { Kept } from './shelf.ts'

interface Door {
  readonly by: string
  readonly takes: readonly string[]
  act(fields: Row): unknown
}

export interface Doors {
  answer(request: Request): Reply
}

export function openDoors(register: Register, faults: Faults): Doors {
  const people: Readonly<Record<string, Door>> = {
    'person/sign-up': {
      by: 'person',
      takes: ['email', 'firstName', 'lastName', 'purposes', 'pending'],
      act(fields) {
        const purposes = purposesIn(fields)
        const email = textIn(fields, 'email')
        const names = { first_name: optional(fields, 'firstName'), last_name: optional(fields, 'lastName') }
        const subject = register.subjectOfEmail(email) ?? register.createSubject({ email, ...names })
        const status = fields.pending === true ? 'pending' : 'granted'
        return told(subject, ...purposes.map(purpose => decide(subject, purpose, status, 'preference centre')))
      },
    },
    'person/grant': {
      by: 'person',
      takes: ['email', 'purpose'],
      act: fields => decided(fields, 'granted', 'preference centre'),
    },
    'person/withdraw': {
      by: 'person',
      takes: ['email', 'purpose'],
      act: fields => decided(fields, 'withdrawn', 'unsubscribe link'),
    },
    'person/change-email': {
      by: 'person',
      takes: ['email', 'to'],
      act: fields => told(register.changeSubject(subjectIn(fields), { email: textIn(fields, 'to') })),
    },
    'officer/withdraw': {
      by: 'officer',
      takes: ['email', 'purpose'],
      act(fields) {
        const subject = subjectIn(fields)
        const purposes = fields.purpose === undefined ? PURPOSES : [purposeIn(fields.purpose)]
        const known = purposes.filter(purpose => register.consentFor(subject.id, purpose))
        return told(subject, ...known.map(purpose => decide(subject, purpose, 'withdrawn', 'privacy officer')))
      },
    },
    'officer/erase': {
      by: 'officer',
      takes: ['email'],
      act(fields) {
        const subject = subjectIn(fields)
        register.deleteSubject(subject)
        return { erased: subject.id }
      },
    },
  }

  const decided = (fields: Row, status: string, source: string): unknown => {
    const subject = subjectIn(fields)
    return told(subject, decide(subject, purposeIn(fields.purpose), status, source))
  }

  function decide(subject: Kept, purpose: string, status: string, source: string): Kept {
    const known = register.consentFor(subject.id, purpose)
    return known
      ? register.changeConsent(known, { status, source })
      : register.createConsent({ subject_id: subject.id, purpose, status, source })
  }

  function subjectIn(fields: Row): Kept {
    const email = textIn(fields, 'email')
    const subject = register.subjectOfEmail(email)
    if (subject) return subject
    throw new Problem(404, 'not_found', `Nobody has the e-mail address ${email}`)
  }

  function through(door: Door, body: unknown): Reply {
    if (!isRow(body)) throw new Problem(400, 'invalid_json', 'The body must be a JSON object')
    const wrong = Object.keys(body).find(name => !door.takes.includes(name))
    if (wrong) throw invalid(wrong, `There is no field '${wrong}' here; there are ${door.takes.join(', ')}`)
    return jsonReply(
      200,
      register.transact(door.by, () => door.act(body)),
    )
  }

  function route({ method, path, query, body }: Request): Reply {
    const name = path.slice('/_sandbox/'.length)
    if (name === 'journal' && method === 'GET') return journalPage(register, query)
    if (name === 'health' && method === 'GET') return health(register)
    const given = parsed(body)
    if (!given) throw new Problem(400, 'invalid_json', 'The body is not valid JSON')
    if (name === 'faults') return faultsDoor(faults, method, given.value)
    const [, one] = /^switches(?:\/(.+))?$/.exec(name) ?? []
    if (name === 'switches' || one !== undefined) return switchesDoor(faults, method, one, given.value)
    const door = people[name]
    if (!door)
      throw new Problem(
        404,
        'not_found',
        `There is no door /_sandbox/${name}; there are ${Object.keys(people).join(', ')}`,
      )
    if (method !== 'POST') throw new Problem(405, 'method_not_allowed', `Door /_sandbox/${name} takes POST`)
    return through(door, given.value)
  }

  return {
    answer(request) {
      try {
        return route(request)
      } catch (error) {
        if (error instanceof Problem) return problemReply(error)
        throw error
      }
    },
  }
}

// ---- what people say

const told = (subject: Kept, ...consents: readonly Kept[]): unknown => ({
  subject: { id: subject.id, ...subject.fields },
  consents: consents.map(consent => ({ id: consent.id, ...consent.fields })),
})

function textIn(fields: Row, name: string): string {
  const value = fields[name]
  if (typeof value === 'string' && value !== '') return value
  throw invalid(name, `'${name}' must be a text`)
}

const optional = (fields: Row, name: string): string | null =>
  fields[name] === undefined ? null : textIn(fields, name)

function purposeIn(value: unknown): string {
  const purpose = PURPOSES.find(one => one === value)
  if (purpose) return purpose
  throw invalid('purpose', `'${value}' is none of ${PURPOSES.join(', ')}`)
}

function purposesIn(fields: Row): string[] {
  const { purposes = [] } = fields
  if (!Array.isArray(purposes)) throw invalid('purposes', "'purposes' must be a list")
  return purposes.map(purposeIn)
}

// ---- what watchers see

const LARGEST_JOURNAL_PAGE = 100_000

function journalPage(register: Register, query: URLSearchParams): Reply {
  const number = (name: string, otherwise: number): number => {
    const value = query.get(name)
    if (value === null) return otherwise
    if (/^\d{1,12}$/.test(value)) return Number(value)
    throw new Problem(400, 'invalid_field', `'${name}' must be a whole number, not '${value}'`)
  }
  const limit = Math.min(number('limit', 1_000), LARGEST_JOURNAL_PAGE)
  return jsonReply(200, register.journal.page(number('after', 0), limit, query.get('object') ?? undefined))
}

const health = (register: Register): Reply =>
  jsonReply(200, {
    status: 'up',
    last: register.journal.last,
    records: { subject: register.subjects.living().length, consent: register.consents.living().length },
  })

function faultsDoor(faults: Faults, method: string, body: unknown): Reply {
  if (method === 'DELETE') faults.clear()
  else if (method === 'PUT') {
    try {
      faults.set(body)
    } catch (error) {
      if (error instanceof WrongFault) throw new Problem(400, 'invalid_fault', error.message)
      throw error
    }
  } else if (method !== 'GET') throw new Problem(405, 'method_not_allowed', 'Faults take GET, PUT and DELETE')
  return jsonReply(200, faults.describe())
}

/** `switches` lists them, `switches/down` takes `{"on": true}`. */
function switchesDoor(faults: Faults, method: string, name: string | undefined, body: unknown): Reply {
  if (name === undefined && method === 'GET') return jsonReply(200, faults.switches())
  if (name === undefined || method !== 'PUT')
    throw new Problem(
      405,
      'method_not_allowed',
      'Switches take GET /_sandbox/switches and PUT /_sandbox/switches/:switch',
    )
  if (!isRow(body) || typeof body.on !== 'boolean')
    throw new Problem(400, 'invalid_field', 'A switch takes {"on": true} or {"on": false}')
  const turned = faults.turn(name, body.on)
  if (turned) return jsonReply(200, turned)
  const names = faults.switches().map(one => one.switch)
  throw new Problem(404, 'not_found', `There is no switch "${name}"; there are ${names.join(', ')}`)
}

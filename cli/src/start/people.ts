/** The people at the customers: sales meets them one by one, and they agree to things and change their minds. */
import type { Person, Sales } from './sales.ts'

const PEOPLE: readonly Person[] = [
  { customer: '10100001', firstName: 'Anna', lastName: 'Adler', email: 'anna.adler@example.com' },
  { customer: '10100002', firstName: 'Bruno', lastName: 'Berg', email: 'bruno.berg@example.com' },
  { customer: '10100003', firstName: 'Claire', lastName: 'Rivoire', email: 'claire.rivoire@example.com' },
  { customer: '10100004', firstName: 'Dirk', lastName: 'Klein', email: 'dirk.klein@example.com' },
  { customer: '10100005', firstName: 'Eva', lastName: 'Streng', email: 'eva.streng@example.com' },
]
const PURPOSES = ['newsletter', 'profiling', 'phone'] as const
/** One change of mind in so many is a withdrawal. */
const WITHDRAWAL_ONE_IN = 3

export class People {
  readonly #sales: Sales
  readonly #consentUrl: string
  readonly #random: () => number
  #met = 0

  constructor(sales: Sales, consentUrl: string, random: () => number) {
    this.#sales = sales
    this.#consentUrl = consentUrl
    this.#random = random
  }

  /** The next whom sales does not know yet; afterwards one of them decides on something. */
  async act(): Promise<void> {
    const next = PEOPLE[this.#met]
    if (next) {
      await this.#sales.meet(next)
      this.#met += 1
      return
    }
    const person = this.#any(PEOPLE)
    const door = this.#random() * WITHDRAWAL_ONE_IN < 1 ? 'withdraw' : 'grant'
    await this.#say(door, { email: person?.email, purpose: this.#any(PURPOSES) })
  }

  /** Who was forgotten, or is not known there yet, has nothing to say. */
  async #say(door: string, body: object): Promise<void> {
    const answer = await fetch(`${this.#consentUrl}/_sandbox/person/${door}`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    if (!answer.ok && answer.status !== 404) throw new Error(`the consent sandbox answers ${answer.status}`)
  }

  #any<T>(of: readonly T[]): T | undefined {
    return of[Math.floor(this.#random() * of.length)]
  }
}

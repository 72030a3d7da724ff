/** A little business day: sales people whose quotes are accepted, a warehouse, a clerk, people who are asked, and desks that answer late. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Tasks } from '@plumbline/engine'
import type { Login } from '@plumbline/sandbox-tryton'
import { Admin } from '../admin.ts'
import { BackOffice } from './backoffice.ts'
import { AMERICA, anyCustomer, anyLines, EUROPE } from './markets.ts'
import { People } from './people.ts'
import type { Sales } from './sales.ts'
import { TrytonOffice } from './tryton-office.ts'

export type TrafficOptions = {
  readonly sales: Sales
  readonly s4Url: string
  readonly consentUrl: string
  readonly engineUrl: string
  /** Where it is an ERP too. */
  readonly tryton: Login | undefined
  readonly log: (sentence: string) => void
  readonly random?: () => number
}
export type Traffic = { stop(): Promise<void> }

const SELL_EVERY_MS = 4_000
const ASK_EVERY_MS = 7_000
const LOOK_EVERY_MS = 1_000
const DESK_EVERY_MS = 5_000
/** One quote in so many is more than the customer's credit allows. */
const DOUBTFUL_ONE_IN = 12
/** And one in so many offers a pump cheaper than the ERP would sell it. */
const GENEROUS_ONE_IN = 9
/** With a second ERP one in so many goes there, none of those above. */
const AMERICAN_ONE_IN = 3
const GENEROUS = [{ code: 'TG22', quantity: 1, price: 2_232 }] as const
const DESKS = ['credit desk', 'price desk'] as const
/** Whoever watches may answer first. */
const DESK_PATIENCE_MS = 60_000

export function startTraffic({
  sales,
  s4Url,
  consentUrl,
  engineUrl,
  tryton,
  log,
  random = Math.random,
}: TrafficOptions): Traffic {
  const stopping = new AbortController()
  const { signal } = stopping
  const offices = [new BackOffice(s4Url), ...(tryton ? [new TrytonOffice(tryton)] : [])]
  const persons = new People(sales, consentUrl, random)
  const admin = new Admin(engineUrl)
  let sold = 0

  const sell = async (): Promise<string> => {
    sold++
    if (tryton && sold % AMERICAN_ONE_IN === 1)
      return sales.sell(AMERICA, anyCustomer(AMERICA, random), anyLines(AMERICA, random))
    const small = sold % DOUBTFUL_ONE_IN === 0 && EUROPE.customers.find(({ credit }) => credit === 'small')
    if (small) return sales.sell(EUROPE, small, [{ code: 'TG22', quantity: 1 }])
    const isGenerous = sold % GENEROUS_ONE_IN === 5
    return sales.sell(EUROPE, anyCustomer(EUROPE, random), isGenerous ? GENEROUS : anyLines(EUROPE, random))
  }
  const answer = async (): Promise<void> => {
    const open = await Promise.all(DESKS.map(desk => admin.get<Tasks>('/api/tasks', { desk })))
    const tasks = open.flatMap(page => page.tasks)
    for (const task of tasks.filter(one => Date.now() - Date.parse(one.askedAt) > DESK_PATIENCE_MS)) {
      await admin.post(`/api/tasks/${encodeURIComponent(task.task)}/answer`, { answer: 'yes', by: 'Robin (traffic)' })
    }
  }

  const people = [
    every(SELL_EVERY_MS, 'Sales', sell),
    ...offices.map(office => every(LOOK_EVERY_MS, office.name, () => office.work(signal))),
    every(ASK_EVERY_MS, 'The preference centre', () => persons.act()),
    every(DESK_EVERY_MS, 'The desks', answer),
  ]

  /** Somebody who comes at intervals; what goes wrong is told once and tried again at the next. */
  async function every(ms: number, who: string, work: () => Promise<unknown>): Promise<void> {
    let failing = false
    while (!signal.aborted) {
      const began = performance.now()
      await work().then(
        () => {
          failing = false
        },
        (error: Error) => {
          if (!failing && !signal.aborted) log(`${who} cannot work: ${error.message}`)
          failing = true
        },
      )
      await sleep(Math.max(0, ms - (performance.now() - began)), undefined, { signal }).catch(() => undefined)
    }
  }

  return {
    stop: async () => {
      stopping.abort()
      await Promise.all(people)
    },
  }
}

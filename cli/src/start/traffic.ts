/** A little business day: sales people whose quotes are accepted, a warehouse, a clerk, people who are asked, and desks that answer late. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Tasks } from '@plumbline/engine'
import { Admin } from '../admin.ts'
import { BackOffice } from './backoffice.ts'
import { People } from './people.ts'
import { anyLines, type Sales, SMALL, SOLVENT } from './sales.ts'

export type TrafficOptions = {
  readonly sales: Sales
  readonly s4Url: string
  readonly consentUrl: string
  readonly engineUrl: string
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
const GENEROUS = [{ code: 'TG22', quantity: 1, price: 2_232 }] as const
const DESKS = ['credit desk', 'price desk'] as const
/** Whoever watches may answer first. */
const DESK_PATIENCE_MS = 60_000

export function startTraffic({
  sales,
  s4Url,
  consentUrl,
  engineUrl,
  log,
  random = Math.random,
}: TrafficOptions): Traffic {
  const stopping = new AbortController()
  const { signal } = stopping
  const backOffice = new BackOffice(s4Url)
  const persons = new People(sales, consentUrl, random)
  const admin = new Admin(engineUrl)
  let sold = 0

  const sell = async (): Promise<void> => {
    const doubtful = ++sold % DOUBTFUL_ONE_IN === 0
    const generous = sold % GENEROUS_ONE_IN === 5
    const customer = doubtful ? SMALL : (SOLVENT[Math.floor(random() * SOLVENT.length)] ?? SOLVENT[0])
    const lines = generous && !doubtful ? GENEROUS : anyLines(random)
    await sales.sell(customer, doubtful ? [{ code: 'TG22', quantity: 1 }] : lines)
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
    every(LOOK_EVERY_MS, 'The back office', () => backOffice.work(signal)),
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

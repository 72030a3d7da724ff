// A small world for tests of ownership: deals between a system of sales and one of the works, a real engine, its admin API.
import { contract, fill, mapping, objectOf, project, role, stages, text, whereFound } from '@plumbline/sdk'
import { expect } from 'vitest'
import { freshDatabase } from '../../test/support/postgres.ts'
import { type DisputePage, serve, startEngine, type Tasks } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'
import { until } from './world.ts'

const untilBooked = { until: 'booked', then: 'erp', later: 'change request' } as const
const Deal = contract(
  'deal',
  {
    number: text('Number').ownedBy('crm'),
    name: text('Name').ownedBy('crm'),
    status: stages('Status', 'open', 'booked').ownedBy('erp'),
    wanted: text('Wanted by').ownedBy('crm', untilBooked).optional(),
    price: text('Price').ownedBy('erp', { others: 'refuse' }).optional(),
    hold: text('Hold').ownedBy('erp', { others: 'try' }).optional(),
    note: text('Note')
      .ownedBy('crm', {
        when: (deal: { name: string | undefined }) => deal.name?.startsWith('Big') === true,
        otherwise: 'erp',
      })
      .optional(),
  },
  {
    match: 'number',
    knownBy: ['number'],
    livesIn: { crm: whereFound(), erp: whereFound() },
    desk: 'deal desk',
  },
)
const crm = role('crm', { holds: [Deal] })
const erp = role('erp', { holds: [Deal] })

export type Deals = Awaited<ReturnType<typeof startDeals>>

export async function startDeals() {
  const database = await freshDatabase()
  const sales = new Shelf()
  const works = new Shelf()
  const inSales = shelfConnector(sales)
  const inWorks = shelfConnector(works)
  const status = { field: 'State', values: { open: 'open', booked: 'booked' } } as const
  const shared = {
    number: 'Number',
    name: 'Name',
    wanted: 'Wanted',
    price: 'Price',
    hold: 'Hold',
    note: 'Note',
  } as const
  const engine = await startEngine({
    databaseUrl: database.url,
    project: project('deals', {
      contracts: [Deal],
      roles: [crm, erp],
      systems: [
        fill(
          crm,
          'sales',
          inSales,
          { client: 'plumbline' },
          { mappings: [mapping(Deal, objectOf(inSales, 'Thing'), { ...shared, status }, { says: 'Says' })] },
        ),
        fill(
          erp,
          'works',
          inWorks,
          { client: 'plumbline' },
          { mappings: [mapping(Deal, objectOf(inWorks, 'Thing'), { ...shared, status })] },
        ),
      ],
      workflows: [],
    }),
  })
  const gateway = await serve(engine, { port: 0 })
  await until(async () => (await engine.ready()).ready)

  const get = async <T>(path: string): Promise<T> => (await fetch(gateway.url + path)).json() as Promise<T>
  async function post(path: string, body: object): Promise<number> {
    const headers = { 'content-type': 'application/json' }
    return (await fetch(gateway.url + path, { method: 'POST', headers, body: JSON.stringify(body) })).status
  }
  const disputes = async (): Promise<DisputePage['disputes']> => (await get<DisputePage>('/api/disputes')).disputes
  const became = (what: string) =>
    until(async () => (await disputes()).find(one => one.became === what) ?? false).catch(async () => {
      throw new Error(`Nothing became "${what}": ${JSON.stringify([await disputes(), await get('/api/problems')])}`)
    })
  const openTask = () => until(async () => (await get<Tasks>('/api/tasks')).tasks[0] ?? false)

  /** A deal that both systems have and agree on. */
  async function aDeal(fields: Record<string, string | undefined> = {}): Promise<void> {
    const deal = {
      Number: '17',
      Name: 'Small',
      State: 'open',
      Wanted: 'monday',
      Price: '100',
      Note: 'by works',
      ...fields,
    }
    works.put('w17', deal, 'clerk')
    await until(async () => (await engine.db.query("select 1 from holding where system = 'works'")).length === 1)
    sales.put('s17', deal, 'kim')
    await quiet()
    expect(at(sales)).toMatchObject(deal)
    expect(at(works)).toMatchObject(deal)
    sales.writes.length = 0
    works.writes.length = 0
  }
  const at = (shelf: Shelf) => shelf.rows.get(shelf === sales ? 's17' : 'w17')

  /** Everything that was told is understood, decided and delivered. */
  const quiet = () =>
    until(async () => {
      if (sales.unheard + works.unheard > 0) return false
      const [busy] = await engine.db.query<{ busy: boolean }>(
        `select exists (select from inbox where not parked) or exists (select from dispute where due)
           or exists (select from delivery where state = 'due') or not exists (select from holding where system = 'sales') as busy`,
      )
      return busy?.busy === false
    })

  async function aWish(): Promise<{ task: string }> {
    await aDeal({ State: 'booked' })
    sales.put('s17', { Wanted: 'friday' }, 'kim')
    const task = await openTask()
    await quiet()
    works.writes.length = 0
    sales.writes.length = 0
    return task
  }

  const close = async (): Promise<void> => {
    await gateway.close()
    await engine.close()
    await database.drop()
  }
  return { sales, works, engine, get, post, disputes, became, openTask, quiet, aDeal, at, aWish, close }
}

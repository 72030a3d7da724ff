// What changed since a time, asked instead of heard: records, deleted ones, those whose entries changed; and deleting.
import type { Observation } from '@plumbline/sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { native, type Org, objectNamed, read, startOrg, stock, write } from './support.ts'

let system: Org
let goods: Awaited<ReturnType<typeof stock>>
beforeAll(async () => {
  system = await startOrg()
  goods = await stock(system)
})
afterAll(() => system.close())
beforeEach(() => system.calm())

type Name = Parameters<typeof objectNamed>[0]

/** Everything that changed since then, over all pages; the sandbox's clock goes on, so that no second is shared. */
async function changedSince(name: Name, since: number): Promise<Observation[]> {
  const found: Observation[] = []
  for (let page: string | undefined; ; ) {
    const answer = await objectNamed(name).changed?.(system.api, since, page)
    found.push(...(answer?.records ?? []))
    page = answer?.next
    if (page === undefined) return found
  }
}

async function now(): Promise<number> {
  const { now } = await system.door('POST', 'clock', { forwardMs: 2_000 })
  return Math.ceil(Number(now) / 1_000) * 1_000
}
const later = (): Promise<unknown> => system.door('POST', 'clock', { forwardMs: 2_000 })

async function quoteWithLines(): Promise<{ quote: string; lines: string[] }> {
  const { records } = (await system.person(
    'GET',
    `/query?q=${encodeURIComponent(`SELECT Id FROM PricebookEntry WHERE Product2Id = '${goods.products[0]}'`)}`,
  )) as unknown as { records: { Id: string }[] }
  const quote = await system.create('Quote', {
    Name: 'Q',
    OpportunityId: goods.opportunity,
    Pricebook2Id: goods.priceBook,
  })
  const lines: string[] = []
  for (const Quantity of [1, 2])
    lines.push(
      await system.create('QuoteLineItem', {
        QuoteId: quote,
        PricebookEntryId: records[0]?.Id,
        Quantity,
        UnitPrice: 10,
      }),
    )
  return { quote, lines }
}

describe('what changed since a time', () => {
  it('is told whole, what was deleted as gone, and what it was merged into', async () => {
    const before = await system.create('Account', { Name: 'Before' })
    const since = await now()
    await later()
    const made = await system.create('Account', { Name: 'Made' })
    const deleted = await system.create('Account', { Name: 'Deleted' })
    await system.person('DELETE', `/sobjects/Account/${deleted}`)
    const found = await changedSince('Account', since)
    expect(found.map(({ id, kind }) => [id, kind])).toEqual([
      [made, 'seen'],
      [deleted, 'gone'],
    ])
    expect(found[0]).toMatchObject({ mask: 'all', fields: { Name: 'Made', BillingCity: null } })
    expect(found.some(({ id }) => id === before)).toBe(false)
  })

  it('comes with the lines that are left, and once more for each record whose lines changed', async () => {
    const { quote, lines } = await quoteWithLines()
    const since = await now()
    await later()
    await system.person('DELETE', `/sobjects/QuoteLineItem/${lines[0]}`)
    const found = await changedSince('Quote', since)
    const seen = found.find(({ kind }) => kind === 'seen')
    expect(seen?.fields.QuoteLineItems).toMatchObject([{ Id: lines[1], Quantity: 2 }])
    expect(found.filter(({ kind }) => kind === 'look again').map(({ id }) => id)).toEqual([quote])
  })

  it('comes in pages', async () => {
    const since = await now()
    await later()
    for (let from = 0; from < 2_200; from += 200)
      await system.person('POST', '/composite/sobjects', {
        allOrNone: true,
        records: Array.from({ length: 200 }, (_, i) => ({ attributes: { type: 'Account' }, Name: `N${from + i}` })),
      })
    const first = await objectNamed('Account').changed?.(system.api, since)
    expect(first?.records).toHaveLength(2_000)
    expect(first?.next).toBeDefined()
    const found = await changedSince('Account', since)
    expect(new Set(found.map(({ id }) => id)).size).toBe(2_200)
  })
})

describe('closing', () => {
  it('is refused in words where nobody says what a closed record looks like', async () => {
    const account = await system.create('Account', { Name: 'Open' })
    const closing = { key: 'k', id: native(account), fields: {}, lists: {}, close: true } as const
    expect(await write(system, 'Account', closing)).toMatchObject([
      { end: 'refused', reason: expect.stringContaining('does not say what a closed record looks like') },
    ])
    expect(await read(system, 'Account', account)).toMatchObject([{ kind: 'seen', fields: { Name: 'Open' } }])
  })
})

describe('deleting', () => {
  it('sends to the recycle bin, once however often it is sent; a reading tells that it is gone', async () => {
    const account = await system.create('Account', { Name: 'Away' })
    const removal = { key: 'k', id: native(account), fields: {}, lists: {}, close: true, remove: true } as const
    expect(await write(system, 'Account', removal)).toMatchObject([{ end: 'written', id: account }])
    expect(await write(system, 'Account', removal)).toMatchObject([{ end: 'written', id: account }])
    expect(await read(system, 'Account', account)).toMatchObject([{ kind: 'gone', id: account }])
  })

  it('is refused in words where Salesforce says no', async () => {
    const { quote } = await quoteWithLines()
    const removal = (id: string) =>
      ({ key: id, id: native(id), fields: {}, lists: {}, close: true, remove: true }) as const
    const [product, gone] = await write(system, 'Product2', removal(goods.products[0]), removal(quote))
    expect(product).toMatchObject({ end: 'refused', reason: expect.stringContaining('associated') })
    expect(gone).toMatchObject({ end: 'written' })
  })
})

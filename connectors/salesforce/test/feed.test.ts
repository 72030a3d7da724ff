// Change events as observations: no more and no less than what they tell.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { eur, listen, native, type Org, read, startOrg, stock, write } from './support.ts'

let system: Org
let goods: Awaited<ReturnType<typeof stock>>
beforeAll(async () => {
  system = await startOrg({ keepAliveMs: 200 })
  goods = await stock(system)
})
afterAll(() => system.close())
beforeEach(() => system.calm())

describe('the feed', () => {
  it('tells all of a new record and only the changed fields of an old one', async () => {
    let id = native('')
    const { heard } = await listen(
      system,
      { objects: ['Account'] },
      heard => heard.some(({ kind }) => kind === 'look again'),
      async () => {
        id = await system.create('Account', { Name: 'Neu', BillingCity: 'Ulm', AnnualRevenue: 1234567.89 })
        await system.person('PATCH', `/sobjects/Account/${id}`, { BillingCity: 'Bonn', AccountNumber: '1' })
        await system.person('PATCH', `/sobjects/Account/${id}`, { AccountNumber: null, Website: 'https://example.org' })
        await system.person('DELETE', `/sobjects/Account/${id}`)
      },
    )
    expect(heard.map(({ kind, mask, fields }) => ({ kind, mask, fields }))).toMatchObject([
      {
        kind: 'seen',
        mask: expect.arrayContaining(['Name', 'AccountNumber', 'BillingCity', 'AnnualRevenue']),
        fields: { Id: id, Name: 'Neu', AccountNumber: null, BillingCity: 'Ulm', AnnualRevenue: { currency: 'EUR' } },
      },
      { kind: 'seen', mask: ['AccountNumber', 'BillingCity'], fields: { AccountNumber: '1', BillingCity: 'Bonn' } },
      { kind: 'seen', mask: ['AccountNumber'], fields: { AccountNumber: null } },
      // Whether it was merged into another is asked.
      { kind: 'look again', mask: [], fields: {} },
    ])
    expect(Object.keys(heard[1]?.fields ?? {})).toEqual(['AccountNumber', 'BillingCity'])
  })

  it('compares with reads, and names who changed', async () => {
    const { heard } = await listen(
      system,
      { objects: ['Account'] },
      heard => heard.length >= 2,
      async () => {
        await system.person('PATCH', `/sobjects/Account/${goods.account}`, { Name: 'Acme 2' })
        await write(system, 'Account', { key: 'k', id: goods.account, fields: { Name: 'Acme 3' }, lists: {} })
      },
    )
    const [byPerson, byUs] = heard
    expect(byUs?.by).toBe('plumbline')
    expect(byPerson?.by).toMatch(/^005/)
    expect(byUs?.position.seq).toBeGreaterThan(byPerson?.position.seq ?? Number.POSITIVE_INFINITY)
    expect((await read(system, 'Account', goods.account))[0]?.position.at).toBe(byUs?.position.at)
  })

  it('tells the lines of a quote as entries of it', async () => {
    const entry = (await system.person(
      'GET',
      `/query?q=${encodeURIComponent(`SELECT Id FROM PricebookEntry WHERE Product2Id = '${goods.products[0]}'`)}`,
    )) as unknown as { records: { Id: string }[] }
    let quote = native('')
    let line = native('')
    const { heard } = await listen(
      system,
      { objects: ['Quote'] },
      heard => heard.some(({ object, kind }) => object === 'QuoteLineItem' && kind === 'gone'),
      async () => {
        quote = await system.create('Quote', {
          Name: 'Q',
          OpportunityId: goods.opportunity,
          Pricebook2Id: goods.priceBook,
          ExpirationDate: '2026-12-31',
        })
        line = await system.create('QuoteLineItem', {
          QuoteId: quote,
          PricebookEntryId: entry.records[0]?.Id,
          Quantity: 2,
          UnitPrice: 350.1,
        })
        await system.person('PATCH', `/sobjects/QuoteLineItem/${line}`, { Quantity: 3 })
        await system.person('PATCH', `/sobjects/Quote/${quote}`, { Status: 'Accepted' })
        await system.person('DELETE', `/sobjects/QuoteLineItem/${line}`)
      },
    )
    const lines = heard.filter(({ object }) => object === 'QuoteLineItem')
    expect(lines[0]).toMatchObject({
      id: line,
      entryOf: { object: 'Quote', list: 'QuoteLineItems', parent: quote },
      fields: { Product2Id: goods.products[0], Quantity: 2, UnitPrice: eur('350.10') },
    })
    expect(lines[1]).toMatchObject({
      mask: ['Quantity'],
      fields: { Quantity: 3 },
      entryOf: { object: 'Quote', list: 'QuoteLineItems' },
    })
    expect(lines.at(-1)).toMatchObject({ kind: 'gone' })
    const quotes = heard.filter(({ object }) => object === 'Quote')
    expect(quotes[0]).toMatchObject({ id: quote, fields: { ExpirationDate: '2026-12-31', Status: 'Draft' } })
    expect(quotes.some(({ fields }) => fields.Status === 'Accepted')).toBe(true)
    expect(quotes.findLast(({ mask }) => mask.includes('TotalPrice'))?.fields.TotalPrice).toBeDefined()
  })

  it('goes on from its cursor without loss, and with bounded appetite', async () => {
    const before = await listen(
      system,
      { objects: ['Account'] },
      heard => heard.length >= 1,
      () => system.create('Account', { Name: 'Before' }),
    )
    const ids: string[] = []
    for (let batch = 0; batch < 5; batch++) {
      const records = Array.from({ length: 150 }, (_, at) => ({
        attributes: { type: 'Account' },
        Name: `M ${batch} ${at}`,
      }))
      const made = (await system.person('POST', '/composite/sobjects', { records })) as unknown as { id: string }[]
      ids.push(...made.map(({ id }) => id))
    }
    const sizes: number[] = []
    const later = await listen(
      system,
      { objects: ['Account'], cursor: before.cursor, pause: async ({ heard }) => sizes.push(heard.length) },
      heard => new Set(heard.map(({ id }) => id)).size >= 750,
    )
    const heard = later.heard.map(({ id }) => String(id))
    expect(ids.filter(id => !heard.includes(id))).toEqual([])
    expect(heard).toHaveLength(750)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100)
  })

  it('advances over what nobody asked for, and while nothing happens', async () => {
    const cursors: string[] = []
    const { heard } = await listen(
      system,
      { objects: ['Quote'], pause: async ({ cursor }) => cursors.push(cursor) },
      () => new Set(cursors).size >= 2,
      async () => {
        await new Promise(resolve => setTimeout(resolve, 300))
        await system.create('Account', { Name: 'Not asked for' })
      },
    )
    expect(heard).toEqual([])
  })

  it('keeps what it cannot read, and goes on', async () => {
    const before = await listen(
      system,
      { objects: ['Account'] },
      heard => heard.length >= 1,
      () => system.create('Account', { Name: 'Before' }),
    )
    await system.faults({ pubsub: { malformedRate: 0.5 } })
    for (let n = 0; n < 12; n++) await system.create('Account', { Name: `M ${n}` })
    const { heard, unreadable } = await listen(
      system,
      { objects: ['Account'], cursor: before.cursor },
      (heard, unreadable) => heard.length + unreadable.length >= 12,
    )
    expect(unreadable.length).toBeGreaterThan(0)
    expect(heard.length).toBeGreaterThan(0)
    expect(unreadable[0]?.unreadable).toMatch(/could not be read/)
  })

  it('says that its place is lost, breaks when cut off, and logs in again when the session ended', async () => {
    const lost = listen(system, { objects: ['Account'], cursor: Buffer.alloc(8, 1).toString('base64') }, () => false)
    await expect(lost).rejects.toMatchObject({ name: 'CursorLost' })
    const cut = listen(
      system,
      { objects: ['Account'] },
      () => false,
      () => system.faults({ unavailable: { rate: 1 } }),
    )
    await expect(cut).rejects.toMatchObject({ name: 'Unavailable' })
    await system.calm()
    const session = await system.api.sessions.current()
    await fetch(`${system.sandbox.url}/services/oauth2/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token: session.token }),
    })
    const again = await listen(
      system,
      { objects: ['Account'] },
      heard => heard.length >= 1,
      async () => {
        await system.create('Account', { Name: 'After' })
      },
    )
    expect(again.heard[0]?.fields.Name).toBe('After')
  })

  it('stops at once when told to', async () => {
    const began = Date.now()
    await listen(system, { objects: ['Account'] }, () => true)
    expect(Date.now() - began).toBeLessThan(1_000)
  })

  it('goes on without loss and with one login when its session ends, and says so when no session is accepted', async () => {
    const logins = async (): Promise<number> => (await system.door('GET', 'stats')).moments.login.length
    const made = (Name: string) => vi.waitFor(() => system.create('Account', { Name }), 3_000)
    await made('First')
    const before = await logins()
    const { heard } = await listen(
      system,
      { objects: ['Account'] },
      heard => heard.some(({ fields }) => fields.Name === 'Later'),
      async () => {
        await made('Sooner')
        await system.door('POST', 'expire-sessions')
        await made('Later')
      },
    )
    expect(heard.map(({ fields }) => fields.Name)).toEqual(['Sooner', 'Later'])
    expect(await logins()).toBe(before + 1)
    const refused = listen(
      system,
      { objects: ['Account'] },
      () => false,
      () => system.faults({ refused: { what: 'sessions' } }),
    )
    await expect(refused).rejects.toMatchObject({
      name: 'Unavailable',
      systemIsDown: true,
      message: expect.stringContaining('refuses the session'),
    })
    await system.calm()
  })
})

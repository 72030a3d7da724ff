// Signing in to a real Tryton, its customers, and what it is asked: prices, stock and credit as its own screens would say.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { tryton } from '../../src/index.ts'
import { book, native, parties, type System, startSystem, usd, write } from './support.ts'

// A sale takes Tryton a good part of a second, and a busy machine many times that.
vi.setConfig({ testTimeout: 240_000 })

let system: System
beforeAll(async () => {
  system = await startSystem()
}, 600_000)
afterAll(() => system?.stop())

const rpc: System['tryton']['people']['rpc'] = (...call) => system.tryton.people.rpc(...call)
const customer = (code: string) => native(system.tryton.seed.customers[code] ?? 0)
const product = (code: string) => native(system.tryton.seed.products[code] ?? 0)
const logins = (called: readonly string[]) => called.filter(method => method === 'common.db.login')

describe('signing in', () => {
  it('is done once for all calls that need it, and once more when the session has run out', async () => {
    const { api, line } = await system.connect()
    const ask = () => Promise.all(Array.from({ length: 8 }, () => tryton.objects.Product.list?.(api)))
    const before = await ask()
    expect(logins(line.called)).toHaveLength(1)
    await system.tryton.sql(
      "delete from ir_session where create_uid = (select id from res_user where login = 'integration')",
    )
    expect(await ask()).toEqual(before)
    expect(logins(line.called)).toHaveLength(2)
  })

  it('that fails says so, is certainly not done, and is not tried for each call', async () => {
    const { api, line } = await system.connect({ password: 'wrong' })
    const away = { name: 'Unavailable', systemIsDown: true, message: expect.stringContaining('401') }
    await expect(tryton.spec.test(api)).rejects.toMatchObject(away)
    expect(logins(line.called)).toHaveLength(1)
    const end = await write(parties, api, { key: 'k', fields: { code: 'NO', name: 'No' }, lists: {} })
    expect(end).toMatchObject({ end: 'unavailable', systemIsDown: true })
    const elsewhere = await system.connect({ database: 'none' })
    await expect(tryton.spec.test(elsewhere.api)).rejects.toMatchObject({ message: expect.stringContaining('404') })
  })

  it('is not needed to know that nobody listens; and the server, killed and back, is simply asked on', async () => {
    const { api } = await system.connect()
    await tryton.spec.test(api)
    await system.tryton.kill()
    await expect(tryton.spec.test(api)).rejects.toMatchObject({ name: 'Unavailable', systemIsDown: true })
    const sale = { key: 'k', fields: { code: 'AWAY', name: 'Away' }, lists: {} }
    expect(await write(parties, api, sale)).toMatchObject({ end: 'unavailable', systemIsDown: true })
    await system.tryton.start()
    expect(await write(parties, api, sale)).toMatchObject({ end: 'written', native: { code: 'AWAY' } })
  })

  it('tells the time', async () => {
    const clock = Date.parse(await tryton.spec.clock(system.api))
    expect(Math.abs(clock - Date.now())).toBeLessThan(10_000)
  })
})

describe('a customer', () => {
  const fields = {
    code: 'P-1',
    name: 'Żółć & Söhne "Ltd" <x> 株式会社',
    street: '1 Main St\n2nd floor',
    postal_code: '10115',
    city: 'Berlin',
    country: 'DE',
    email: 'ap@p1.test',
    customer_payment_term: 'Net 30',
    sale_price_list: 'Gold',
    credit_limit_amount: usd('1234.50'),
  }

  it('is created once, with address, e-mail, terms and price list, and read as it was written', async () => {
    const { credit_limit_amount: _, ...ours } = fields
    const party = { key: 'p', fields: ours, lists: {} }
    const end = await write(parties, system.api, party)
    expect(end).toMatchObject({ end: 'written', native: { ...ours, active: true } })
    expect(await write(parties, system.api, party)).toEqual(end)
    expect(await parties.find?.(system.api, [party])).toMatchObject([[{ fields: ours }]])
    expect(await system.tryton.sql('select id from party_party where code = $1', ['P-1'])).toHaveLength(1)
  })

  it('gets a limit from whoever may give one, and the others are told in words', async () => {
    const id = native(
      (await system.tryton.sql<{ id: number }>("select id from party_party where code = 'P-1'"))[0]?.id ?? 0,
    )
    const change = { key: 'l', id, fields: { credit_limit_amount: fields.credit_limit_amount }, lists: {} }
    const { api } = await system.connect({ user: 'manager' })
    expect(await write(parties, api, change)).toMatchObject({
      end: 'written',
      native: { credit_limit_amount: usd('1234.50') },
    })
  })

  it('moves in one transaction, and not over the change of somebody else', async () => {
    const [known] = (await parties.find?.(system.api, [{ key: 'p', fields: { code: 'P-1' }, lists: {} }]))?.[0] ?? []
    if (!known) throw new Error('no P-1')
    const change = {
      key: 'c',
      id: known.id,
      token: known.token,
      fields: { city: 'Potsdam', email: 'new@p1.test' },
      lists: {},
    }
    const end = await write(parties, system.api, change)
    expect(end).toMatchObject({ end: 'written', native: { ...fields, city: 'Potsdam', email: 'new@p1.test' } })
    // Only the address changes, which leaves the party's own stamp as it is.
    const [row] = await rpc('model.party.party.read', [Number(known.id)], ['addresses'])
    await rpc('model.party.address.write', row.addresses, { city: 'Bonn' })
    const late = { ...change, token: end.end === 'written' ? end.token : undefined, fields: { city: 'Köln' } }
    expect(await write(parties, system.api, late)).toMatchObject({ end: 'unavailable', retryAfterMs: 0 })
    expect((await parties.read?.(system.api, [known.id]))?.[0]?.fields.city).toBe('Bonn')
  })

  it('is refused what Tryton does not know, and is closed by being no longer active', async () => {
    const unknown = { key: 'u', fields: { code: 'P-2', name: 'Two', customer_payment_term: 'Net 99' }, lists: {} }
    expect(await write(parties, system.api, unknown)).toMatchObject({
      end: 'refused',
      reason: expect.stringContaining('no payment term "Net 99"'),
    })
    const made = await write(parties, system.api, { key: 'v', fields: { code: 'P-3', name: 'Three' }, lists: {} })
    if (made.end !== 'written') throw new Error(made.reason)
    const closed = await write(parties, system.api, { key: 'w', id: made.id, fields: {}, lists: {}, close: true })
    expect(closed).toMatchObject({ end: 'written', native: { active: false } })
    expect(await parties.read?.(system.api, [made.id])).toMatchObject([{ fields: { active: false } }])
  })
})

describe('a statement that takes longer than its database lets it', () => {
  const [aSecond, forEver] = ['1s', '0']
  const limitTo = async (timeout: string) => {
    const [{ name } = { name: '' }] = await system.tryton.sql<{ name: string }>('select current_database() as name')
    await system.tryton.sql(`alter database "${name}" set statement_timeout = '${timeout}'`)
    // A connection keeps what it began with.
    await system.tryton.kill()
    await system.tryton.start()
  }

  it('was undone, so what was to be written is written later, and once', async () => {
    await limitTo(aSecond)
    const other = await system.tryton.session()
    await other.query('begin')
    await other.query('lock table party_party in exclusive mode')
    const party = { key: 't', fields: { code: 'P-SLOW', name: 'Slow' }, lists: {} }
    const end = await write(parties, system.api, party)
    await other.query('rollback')
    await other.end()
    await limitTo(forEver)
    expect(end).toMatchObject({ end: 'unavailable', reason: expect.stringContaining('statement timeout') })
    expect(end).not.toHaveProperty('tooManyAtOnce')
    const there = () => system.tryton.sql('select id from party_party where code = $1', ['P-SLOW'])
    expect(await there()).toEqual([])
    expect(await write(parties, system.api, party)).toMatchObject({ end: 'written' })
    expect(await there()).toHaveLength(1)
  })
})

describe('the price', () => {
  const ask = (lines: readonly { product: string; quantity: number }[], who = 'CUST-GOLD') =>
    tryton.questions.price.run(system.api, {
      customer: customer(who),
      currency: undefined,
      validity: undefined,
      lines: lines.map(line => ({ ...line, product: product(line.product), line: undefined, date: undefined })),
    })

  it("follows the customer's price list and the quantity, with all its digits", async () => {
    const answer = await ask([
      { product: 'WID-100', quantity: 9 },
      { product: 'WID-100', quantity: 10 },
      { product: 'WID-100', quantity: 100 },
      { product: 'GAD-300', quantity: 3 },
    ])
    expect(answer.lines).toMatchObject([
      { line: '1', product: 'WID-100 Widget 100', unit: usd('90.00'), net: usd('810.00'), tax: usd('81.00') },
      { line: '2', unit: usd('85.00'), net: usd('850.00') },
      { line: '3', unit: usd('79.50'), net: usd('7950.00') },
      { line: '4', unit: usd('17.991'), net: usd('53.97'), tax: usd('5.40') },
    ])
    expect(await ask([{ product: 'WID-100', quantity: 100 }], 'CUST-STD')).toMatchObject({ net: usd('10000.00') })
    expect(await ask([{ product: 'SVC-INST', quantity: 2 }])).toMatchObject({ net: usd('216.00'), tax: usd('0.00') })
  })

  it('is that of the sale which is made of it, to the cent, for generated ones', async () => {
    const codes = ['WID-100', 'WID-200', 'GAD-300', 'SVC-INST']
    for (let n = 1; n <= 8; n++) {
      const lines = Array.from({ length: 1 + (n % 4) }, (_, at) => ({
        product: codes[(n + at) % codes.length] ?? '',
        quantity: 1 + ((n * 37 + at * 13) % 140),
      }))
      const { net, tax, lines: priced } = await ask(lines)
      const sale = await book(system, `P-${n}`, lines, 'CUST-NOLIM')
      expect(sale.native).toMatchObject({ untaxed_amount: net, tax_amount: tax })
      expect(sale.native?.lines).toMatchObject(priced.map(({ unit, net }) => ({ unit_price: unit, amount: net })))
    }
  })

  it("is in the books' currency whatever is asked for, as the credit is", async () => {
    const asked = { customer: customer('CUST-GOLD'), currency: 'EUR', validity: undefined }
    const lines = [{ product: product('WID-100'), quantity: 9, line: undefined, date: undefined }]
    expect(await tryton.questions.price.run(system.api, { ...asked, lines })).toMatchObject({ net: usd('810.00') })
  })

  it('is refused for nothing, for no quantity, and for what is not there', async () => {
    await expect(ask([])).rejects.toMatchObject({ name: 'Refused' })
    await expect(ask([{ product: 'WID-100', quantity: 0 }])).rejects.toMatchObject({ name: 'Refused' })
    await expect(ask([{ product: 'NONE', quantity: 1 }])).rejects.toMatchObject({ name: 'Refused' })
  })
})

describe('the stock', () => {
  const ask = (code: string, quantity: number, plant?: string) =>
    tryton.questions.stock.run(system.api, { product: product(code), quantity, plant, date: undefined })

  it('is that of one warehouse, and what is promised to others is not there', async () => {
    expect(await ask('WID-200', 600)).toMatchObject({ plant: 'WH', by: undefined })
    expect(await ask('WID-200', 5, 'WH2')).toMatchObject({ now: 7, plant: 'WH2', by: expect.any(String) })
    expect(await ask('RARE-1', 2)).toMatchObject({ now: 3, schedule: [{ quantity: 2 }] })
    const { id } = await book(system, 'Q-rare', [{ product: 'RARE-1', quantity: 2, price: '900.00' }])
    const [sale] = await rpc('model.sale.sale.read', [Number(id)], ['shipments'])
    await rpc('model.stock.shipment.out.assign_try', sale.shipments)
    expect(await ask('RARE-1', 2)).toMatchObject({ now: 1, schedule: [{ quantity: 1 }], by: undefined })
  })

  it('is refused where no warehouse is named and there are two, and for one that is not there', async () => {
    const { api } = await system.connect({ warehouse: undefined })
    const nowhere = tryton.questions.stock.run(api, {
      product: product('WID-100'),
      quantity: 1,
      plant: undefined,
      date: undefined,
    })
    await expect(nowhere).rejects.toMatchObject({ name: 'Refused', message: expect.stringContaining('WH2') })
    await expect(ask('WID-100', 1, 'MOON')).rejects.toMatchObject({
      name: 'Refused',
      message: expect.stringContaining('"MOON"'),
    })
  })
})

describe('the credit', () => {
  const ask = (who: string, amount: string, currency = 'USD') =>
    tryton.questions.creditCheck.run(system.api, { customer: customer(who), amount: { amount, currency } })

  it('is what is still open below the limit, which itself is within; without a limit everything is', async () => {
    expect(await ask('CUST-STD', '5000.00')).toEqual({ approved: true, limit: usd('5000.00'), exposure: usd('0.00') })
    expect(await ask('CUST-STD', '5000.01')).toMatchObject({ approved: false })
    await book(system, 'K-1', [{ product: 'WID-100', quantity: 10, price: '100.00' }], 'CUST-STD')
    expect(await ask('CUST-STD', '4000.00')).toMatchObject({ approved: true, exposure: usd('1000.00') })
    expect(await ask('CUST-STD', '4000.01')).toMatchObject({ approved: false })
    expect(await ask('CUST-NOLIM', '1000000.00')).toMatchObject({ approved: true })
  })

  it('is kept in the currency of the books', async () => {
    await expect(ask('CUST-STD', '1.00', 'EUR')).rejects.toMatchObject({ name: 'Refused' })
  })
})

// Sales in a real Tryton: made once whatever is lost, brought until they are processed, changed and cancelled as far as Tryton
// lets them be, and refused in its words.
import type { Native } from '@plumbline/sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { book, inTryton, native, newSale, type System, sales, startSystem, usd, write } from './support.ts'

// A sale takes Tryton a good part of a second, and a busy machine many times that.
vi.setConfig({ testTimeout: 240_000 })

let system: System
beforeAll(async () => {
  system = await startSystem()
}, 600_000)
afterAll(() => system?.stop())
beforeEach(() => {
  system.line.loses = () => false
})

const read = async (id: string) => (await sales.read?.(system.api, [native(id)]))?.[0]
const rpc: System['tryton']['people']['rpc'] = (...call) => system.tryton.people.rpc(...call)

describe('a new sale', () => {
  it('is processed, and has what Tryton adds: number, tax, payment term, addresses, shipment and invoice', async () => {
    const before = Date.now()
    const end = await book(system, 'S-1', [
      { product: 'WID-100', quantity: 12, price: '85.00' },
      { product: 'GAD-300', quantity: 3, price: '17.991' },
    ])
    expect(end.native).toMatchObject({
      reference: 'S-1',
      number: expect.stringMatching(/^\d+$/),
      state: 'processing',
      shipment_state: 'waiting',
      invoice_state: 'waiting',
      payment_term: 'Net 30',
      price_list: 'Gold',
      warehouse: 'WH',
      untaxed_amount: usd('1073.97'),
      tax_amount: usd('107.40'),
      total_amount: usd('1181.37'),
      lines: [
        { note: 'l1', quantity: 12, unit_price: usd('85.00'), amount: usd('1020.00'), unit: 'u' },
        { note: 'l2', quantity: 3, unit_price: usd('17.991'), amount: usd('53.97') },
      ],
    })
    expect(end.position?.at).toBeGreaterThan(before - 5_000)
    expect(end.position?.at).toBeLessThan(Date.now() + 5_000)
    const there = await read(end.id)
    expect(there).toMatchObject({ fields: end.native, token: end.token, position: end.position, by: 'Integration' })
    const [own] = await rpc('model.sale.sale.read', [Number(end.id)], ['shipments', 'invoices', 'invoice_address'])
    expect(own).toMatchObject({ shipments: [expect.any(Number)], invoices: [expect.any(Number)] })
    expect(own.invoice_address).toEqual(expect.any(Number))
  })

  it("takes Tryton's price by quantity where none was agreed", async () => {
    const end = await book(system, 'S-price', [
      { product: 'WID-100', quantity: 9 },
      { product: 'WID-100', quantity: 10 },
      { product: 'WID-100', quantity: 100 },
      { product: 'GAD-300', quantity: 1 },
    ])
    expect(end.native?.lines).toMatchObject(
      ['90.00', '85.00', '79.50', '17.991'].map(price => ({ unit_price: usd(price) })),
    )
  })

  it('keeps what Tryton fills in where nothing is said, and where what was said before is taken back', async () => {
    const { key, fields, lists } = newSale(system, 'S-cleared')
    const blank = { payment_term: null, price_list: null, shipment_party: null, shipping_date: null }
    system.line.loses = method => method === 'model.sale.sale.create'
    const said = {
      payment_term: 'Due on receipt',
      shipment_party: native(system.tryton.seed.customers['CUST-B1'] ?? 0),
    }
    await write(sales, system.api, { key, fields: { ...fields, ...said }, lists })
    system.line.loses = () => false
    expect(await write(sales, system.api, { key, fields: { ...fields, ...blank }, lists })).toMatchObject({
      end: 'written',
      native: { payment_term: 'Net 30', price_list: 'Gold', shipment_party: null, shipping_date: null },
    })
    const another = newSale(system, 'S-blank')
    expect(await write(sales, system.api, { ...another, fields: { ...another.fields, ...blank } })).toMatchObject({
      end: 'written',
      native: { payment_term: 'Net 30', price_list: 'Gold' },
    })
  })

  it('has its invoices posted when those that count are: a draft that was cancelled does not', async () => {
    const { id } = await book(system, 'S-recreated')
    const invoices = async () => (await rpc('model.sale.sale.read', [Number(id)], ['invoices']))[0].invoices
    const [draft] = await invoices()
    await rpc('model.account.invoice.cancel', [draft])
    expect((await read(id))?.fields).toMatchObject({ invoice_state: 'exception', invoices_posted: false })
    // As Tryton's own wizard recreates it.
    await rpc('model.sale.sale.write', [Number(id)], { invoices_recreated: [['add', [draft]]] })
    await rpc('model.sale.sale.process', [Number(id)])
    const [another] = (await invoices()).filter((one: number) => one !== draft)
    expect((await read(id))?.fields).toMatchObject({ invoice_state: 'waiting', invoices_posted: false })
    await rpc('model.account.invoice.post', [another])
    expect((await read(id))?.fields).toMatchObject({ invoice_state: 'waiting', invoices_posted: true })
  })

  it('is one sale, however often it is sent', async () => {
    const sale = newSale(system, 'S-again')
    const first = await write(sales, system.api, sale)
    expect(await write(sales, system.api, sale)).toEqual(first)
    expect(await inTryton(system, 'S-again')).toHaveLength(1)
  })

  // Each of the transactions of a sale, done by Tryton with its answer lost.
  it.each(['create', 'quote', 'confirm'])('is one sale when the answer to "%s" is lost', async step => {
    const reference = `S-lost-${step}`
    const sale = newSale(system, reference)
    system.line.loses = method => method === `model.sale.sale.${step}`
    expect(await write(sales, system.api, sale)).toMatchObject({ end: 'unknown' })
    system.line.loses = () => false
    const [found] = (await sales.find?.(system.api, [sale])) ?? []
    const [row] = await inTryton(system, reference)
    // On its way it counts as not yet there, so that it is sent again.
    expect(found).toHaveLength(row?.state === 'processing' ? 1 : 0)
    expect(await write(sales, system.api, sale)).toMatchObject({ end: 'written', native: { state: 'processing' } })
    expect(await inTryton(system, reference)).toMatchObject([{ state: 'processing', lines: 1 }])
  })

  it('is made anew of what is wanted by now, when it was left a draft', async () => {
    system.line.loses = method => method === 'model.sale.sale.create'
    await write(sales, system.api, newSale(system, 'S-anew'))
    system.line.loses = () => false
    const wanted = newSale(system, 'S-anew', [
      { product: 'WID-200', quantity: 1, price: '225.00' },
      { product: 'GAD-300', quantity: 2, price: '18.00' },
    ])
    expect(await write(sales, system.api, wanted)).toMatchObject({
      end: 'written',
      native: { untaxed_amount: usd('261.00'), lines: [{ note: 'l1' }, { note: 'l2' }] },
    })
    expect(await inTryton(system, 'S-anew')).toMatchObject([{ lines: 2 }])
  })

  it('that came too late, with many lines, is made of what was asked for them: nothing is asked twice', async () => {
    const { api, line } = await system.connect()
    const sale = newSale(system, 'S-late', [
      { product: 'WID-100', quantity: 10, price: '85.00' },
      { product: 'WID-100', quantity: 100 },
    ])
    expect(await write(sales, api, { ...sale, mayStillSend: () => false })).toMatchObject({ end: 'unavailable' })
    line.called.length = 0
    expect(await write(sales, api, sale)).toMatchObject({
      end: 'written',
      native: { lines: [{ unit_price: usd('85.00') }, { unit_price: usd('79.50') }] },
    })
    expect(line.called).not.toContain('model.sale.line.on_change_product')
  })

  it('is not chosen among two that carry its reference, and both are found', async () => {
    const twice = newSale(system, 'S-twice')
    await book(system, 'S-twice')
    const copy = { party: Number(twice.fields.party), reference: 'S-twice', currency: 1, warehouse: 5 }
    await rpc('model.sale.sale.create', [copy])
    const [found, none] = (await sales.find?.(system.api, [twice, newSale(system, 'S-none')])) ?? []
    expect(found).toHaveLength(2)
    expect(none).toEqual([])
    expect(await write(sales, system.api, twice)).toMatchObject({
      end: 'refused',
      reason: expect.stringContaining('2 sales carry the reference S-twice'),
    })
  })

  it('belongs to its customer: another may use the same reference', async () => {
    await book(system, 'PO-1')
    const other = newSale(system, 'PO-1', undefined, 'CUST-B1')
    expect(await sales.find?.(system.api, [other])).toEqual([[]])
    expect(await write(sales, system.api, other)).toMatchObject({ end: 'written' })
  })

  it('is refused without a reference, and without a warehouse where there are two', async () => {
    const { reference: _, ...fields } = newSale(system, 'x').fields
    expect(await write(sales, system.api, { ...newSale(system, 'x'), fields })).toMatchObject({ end: 'refused' })
    const { api } = await system.connect({ warehouse: undefined })
    expect(await write(sales, api, newSale(system, 'S-nowhere'))).toMatchObject({
      end: 'refused',
      reason: expect.stringMatching(/several: .*WH \(.*WH2 \(/),
    })
    expect(await inTryton(system, 'S-nowhere')).toEqual([])
  })

  it("is refused in Tryton's own words when a price has too many digits", async () => {
    const sale = newSale(system, 'S-digits', [{ product: 'WID-100', quantity: 1, price: '1.12345' }])
    expect(await write(sales, system.api, sale)).toMatchObject({
      end: 'refused',
      reason: expect.stringContaining('exceeds the limit of "4"'),
      todo: expect.stringContaining('digits'),
    })
  })

  it('is refused when Tryton cannot process what it had confirmed in silence', async () => {
    const sale = newSale(system, 'S-stuck', [{ product: 'NO-ACCOUNT', quantity: 1, price: '5.00' }])
    expect(await write(sales, system.api, sale)).toMatchObject({
      end: 'refused',
      reason: expect.stringMatching(/account/i),
    })
    expect(await inTryton(system, 'S-stuck')).toMatchObject([{ state: 'confirmed' }])
    expect(await sales.find?.(system.api, [sale])).toEqual([[]])
    // Mended, it goes on from there, once, although the answer to the last step is lost as well.
    const [category] = await rpc('model.product.category.search', [['name', '=', 'Goods']], 0, 1, null)
    const [{ template }] = await rpc(
      'model.product.product.read',
      [system.tryton.seed.products['NO-ACCOUNT']],
      ['template'],
    )
    await rpc('model.product.template.write', [template], { account_category: category })
    system.line.loses = method => method === 'model.sale.sale.process'
    expect(await write(sales, system.api, sale)).toMatchObject({ end: 'unknown' })
    expect(await sales.find?.(system.api, [sale])).toMatchObject([[{ fields: { state: 'processing' } }]])
    expect(await inTryton(system, 'S-stuck')).toMatchObject([{ state: 'processing', lines: 1 }])
  })

  it('is refused when somebody cancelled it meanwhile, and nothing is sold', async () => {
    system.line.loses = method => method === 'model.sale.sale.create'
    await write(sales, system.api, newSale(system, 'S-off'))
    system.line.loses = () => false
    const [row] = await inTryton(system, 'S-off')
    await rpc('model.sale.sale.cancel', [row?.id])
    expect(await write(sales, system.api, newSale(system, 'S-off'))).toMatchObject({
      end: 'refused',
      reason: expect.stringContaining('cancelled in Tryton'),
    })
    expect(await inTryton(system, 'S-off')).toMatchObject([{ state: 'cancelled' }])
  })
})

describe('a button', () => {
  it('that did nothing is no success: the state is read, not the answer', async () => {
    const { api, line } = await system.connect()
    // Between our quotation and our confirmation somebody cancels the sale; Tryton takes the confirmation in silence.
    line.before = method =>
      method === 'model.sale.sale.confirm'
        ? inTryton(system, 'S-button').then(([row]) => rpc('model.sale.sale.cancel', [row?.id]))
        : undefined
    expect(await write(sales, api, newSale(system, 'S-button'))).toMatchObject({
      end: 'refused',
      reason: expect.stringContaining('took "confirm" and did nothing: the sale is cancelled'),
    })
  })
})

describe('the credit limit', () => {
  it('is kept by Tryton, in its words; raised, the same sale goes on', async () => {
    const sale = newSale(system, 'S-credit', [{ product: 'WID-100', quantity: 60, price: '100.00' }], 'CUST-STD')
    expect(await write(sales, system.api, sale)).toMatchObject({
      end: 'refused',
      reason: expect.stringContaining('Party "Standard Ltd" has reached their credit limit of $5000.00'),
      todo: expect.stringContaining('credit limit'),
    })
    expect(await inTryton(system, 'S-credit')).toMatchObject([{ state: 'quotation' }])
    const less = newSale(system, 'S-credit', [{ product: 'WID-100', quantity: 50, price: '100.00' }], 'CUST-STD')
    expect(await write(sales, system.api, less)).toMatchObject({ end: 'written', native: { state: 'processing' } })
    expect(await inTryton(system, 'S-credit')).toMatchObject([{ state: 'processing', lines: 1 }])
  })

  it('asks back where the user may exceed it: refused for a person to decide, or answered where that is settled', async () => {
    const sale = newSale(system, 'S-warned', [{ product: 'WID-100', quantity: 60, price: '100.00' }], 'CUST-STD')
    const careful = await system.connect({ user: 'manager' })
    expect(await write(sales, careful.api, sale)).toMatchObject({
      end: 'refused',
      reason: expect.stringContaining('asks before it goes on'),
      todo: expect.stringContaining('"credit_limit_amount_'),
    })
    expect(await inTryton(system, 'S-warned')).toMatchObject([{ state: 'quotation' }])
    const generous = await system.connect({ user: 'manager', acceptedWarnings: 'other_, credit_limit_amount_' })
    expect(await write(sales, generous.api, sale)).toMatchObject({ end: 'written', native: { state: 'processing' } })
  })

  it('is checked for one sale at a time, so that none fails for the locks of another', async () => {
    await rpc('model.party.party.write', [system.tryton.seed.customers['CUST-B2']], {
      credit_limit_amount: { __class__: 'Decimal', decimal: '1000000' },
    })
    const all = Array.from({ length: 6 }, (_, at) =>
      newSale(system, `S-crowd-${at}`, [{ product: 'WID-100', quantity: 1, price: '90.00' }], 'CUST-B2'),
    )
    const ends = await Promise.all(all.map(sale => write(sales, system.api, sale)))
    expect(ends.map(({ end }) => end)).toEqual(all.map(() => 'written'))
  })

  it('waits for whoever else holds the books, and is then done once', async () => {
    await rpc('model.party.party.write', [system.tryton.seed.customers['CUST-B3']], {
      credit_limit_amount: { __class__: 'Decimal', decimal: '1000000' },
    })
    const sale = newSale(system, 'S-locked', undefined, 'CUST-B3')
    const other = await system.tryton.session()
    await other.query('begin')
    await other.query('lock table account_move_line in exclusive mode')
    expect(await write(sales, system.api, sale)).toMatchObject({
      end: 'unavailable',
      tooManyAtOnce: true,
      retryAfterMs: expect.any(Number),
      reason: expect.stringContaining('somebody else is at work'),
    })
    expect(await inTryton(system, 'S-locked')).toMatchObject([{ state: 'quotation' }])
    await other.query('commit')
    await other.end()
    expect(await write(sales, system.api, sale)).toMatchObject({ end: 'written', native: { state: 'processing' } })
    expect(await inTryton(system, 'S-locked')).toHaveLength(1)
  })
})

describe('a sale that is changed', () => {
  const lines = (operations: Partial<Record<'add' | 'change' | 'remove', unknown>>) =>
    ({ lines: { add: [], change: [], remove: [], ...operations } }) as never
  const firstLine = (fields: Native | undefined) => (fields?.lines as readonly { id: string }[] | undefined)?.[0]?.id
  /** A quotation that somebody in Tryton has still open. */
  const quotation = async (reference: string) => {
    system.line.loses = method => method === 'model.sale.sale.quote'
    await write(sales, system.api, newSale(system, reference))
    system.line.loses = () => false
    const [row] = await inTryton(system, reference)
    const there = await read(String(row?.id))
    if (!there) throw new Error('no quotation')
    return there
  }

  it('gets other quantities, prices and lines while it is a quotation, and stays one', async () => {
    const { id, token, fields } = await quotation('C-1')
    const first = firstLine(fields)
    const more = {
      note: 'l2',
      product: native(system.tryton.seed.products['GAD-300'] ?? 0),
      quantity: 2,
      unit_price: usd('18.5'),
    }
    const change = {
      key: 'c',
      id,
      token,
      fields: { comment: 'By noon' },
      lists: lines({ change: [{ id: first, quantity: 7 }], add: [more] }),
    }
    const end = await write(sales, system.api, change)
    expect(end).toMatchObject({
      end: 'written',
      native: {
        state: 'quotation',
        comment: 'By noon',
        lines: [{ quantity: 7 }, { note: 'l2', unit_price: usd('18.50') }],
      },
    })
    // Sent again after a lost answer, the line is not added twice; and what was removed is not missed.
    const again = { ...change, token: undefined }
    expect(await write(sales, system.api, again)).toMatchObject({ native: { lines: [{}, {}] } })
    const less = { key: 'r', id, fields: {}, lists: lines({ remove: [first] }) }
    expect(await write(sales, system.api, less)).toMatchObject({ native: { lines: [{ note: 'l2' }] } })
    expect(await write(sales, system.api, less)).toMatchObject({ end: 'written', native: { lines: [{ note: 'l2' }] } })
  })

  it('does not overwrite what somebody else changed meanwhile, in a line alone as well', async () => {
    const { id, token, fields } = await quotation('C-2')
    const line = firstLine(fields)
    const late = { key: 'c', id, token, fields: { comment: 'Ours' }, lists: {} }
    await rpc('model.sale.line.write', [Number(line)], { quantity: 8 })
    expect(await write(sales, system.api, late)).toMatchObject({ end: 'unavailable', retryAfterMs: 0 })
    const now = await read(id)
    await rpc('model.sale.sale.write', [Number(id)], { comment: 'Theirs' })
    expect(await write(sales, system.api, { ...late, token: now?.token })).toMatchObject({
      end: 'unavailable',
      retryAfterMs: 0,
    })
    expect((await read(id))?.fields).toMatchObject({ comment: 'Theirs', lines: [{ quantity: 8 }] })
  })

  it('does not overwrite what somebody changes between our look at it and our write', async () => {
    const { id, token } = await quotation('C-7')
    const { api, line } = await system.connect()
    let others = 1
    line.before = method =>
      method === 'model.sale.sale.write' && others-- > 0
        ? rpc('model.sale.sale.write', [Number(id)], { comment: 'Theirs' })
        : undefined
    const ours = { key: 'c', id, token, fields: { comment: 'Ours' }, lists: {} }
    expect(await write(sales, api, ours)).toMatchObject({ end: 'unavailable', retryAfterMs: 0 })
    expect((await read(id))?.fields.comment).toBe('Theirs')
  })

  it('is refused other lines once it is processed, which Tryton itself would let happen; a note is taken', async () => {
    const { id, token, native: fields } = await book(system, 'C-3')
    const line = firstLine(fields)
    const change = { key: 'c', id, token, fields: {}, lists: lines({ change: [{ id: line, quantity: 9 }] }) }
    expect(await write(sales, system.api, change)).toMatchObject({
      end: 'refused',
      reason: expect.stringContaining('it is processing, and lines of it can no longer be changed'),
    })
    const note = { key: 'd', id, token, fields: { description: 'Gate 3' }, lists: {} }
    expect(await write(sales, system.api, note)).toMatchObject({
      end: 'written',
      native: { description: 'Gate 3', lines: [{ quantity: 5 }] },
    })
  })

  it('is cancelled while nobody works on it, and refused afterwards with what stands against it', async () => {
    const open = await quotation('C-4')
    const off = (id: string) => ({ key: 'x', id: native(id), fields: {}, lists: {}, close: true }) as const
    expect(await write(sales, system.api, off(open.id))).toMatchObject({
      end: 'written',
      native: { state: 'cancelled' },
    })
    expect(await write(sales, system.api, off(open.id))).toMatchObject({ end: 'written' })
    const { id } = await book(system, 'C-5')
    expect(await write(sales, system.api, off(id))).toMatchObject({
      end: 'refused',
      reason: expect.stringContaining('shipment waiting, invoice waiting'),
    })
  })

  it('that is gone is refused, and left out of what is read', async () => {
    expect(
      await write(sales, system.api, { key: 'g', id: native(999_999), fields: { comment: 'x' }, lists: {} }),
    ).toMatchObject({
      end: 'refused',
      reason: expect.stringContaining('999999'),
    })
    const { id } = await book(system, 'C-6')
    const read = await sales.read?.(system.api, [native(999_999), id])
    expect(read?.map(one => one.id)).toEqual([id])
  })
})

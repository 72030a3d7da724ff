// The feed of a real Tryton: everything once, nothing lost, from a cursor too; and what only a list of all can show.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { tryton } from '../../src/index.ts'
import { book, inTryton, listen, newSale, type System, sales, startSystem, usd, write } from './support.ts'

// A sale takes Tryton a good part of a second, and a busy machine many times that.
vi.setConfig({ testTimeout: 240_000 })

let system: System
beforeAll(async () => {
  system = await startSystem()
}, 600_000)
afterAll(() => system?.stop())

const rpc: System['tryton']['people']['rpc'] = (...call) => system.tryton.people.rpc(...call)
const all = ['Party', 'Product', 'Sale', 'Shipment', 'Invoice', 'Payment']

describe('the feed', () => {
  it('tells a sale, its shipment, its invoice and each payment of a part', async () => {
    let id = ''
    const { heard } = await listen(
      system,
      { objects: all },
      // What is read of one object may be told a moment before what is read of another.
      heard =>
        heard.some(({ object, fields }) => object === 'Sale' && fields.state === 'done') &&
        heard.some(({ object, fields }) => object === 'Invoice' && fields.state === 'paid') &&
        new Set(heard.flatMap(({ object, id }) => (object === 'Payment' ? [id] : []))).size === 2,
      async untilHeard => {
        id = (await book(system, 'F-1', [{ product: 'WID-100', quantity: 2, price: '100.00' }])).id
        await system.tryton.people.ship(id)
        const [invoice = ''] = await system.tryton.people.invoice(id)
        await untilHeard(({ object, fields }) => object === 'Sale' && fields.invoices_posted === true)
        await system.tryton.people.pay(invoice, '50.00')
        await system.tryton.people.pay(invoice)
      },
    )
    const posted = heard.filter(({ object, fields }) => object === 'Sale' && fields.invoices_posted === true)
    // Posting an invoice leaves the sale as it is; it is told all the same, before the money comes.
    expect(posted[0]?.fields).toMatchObject({ invoice_state: 'waiting' })
    const last = (object: string) => heard.filter(one => one.object === object).at(-1)
    expect(last('Sale')).toMatchObject({
      id,
      mask: 'all',
      fields: { shipment_state: 'sent', invoice_state: 'paid', invoices_posted: true },
    })
    expect(last('Shipment')?.fields).toMatchObject({
      sale: id,
      state: 'done',
      effective_date: new Date().toISOString().slice(0, 10),
    })
    const invoice = last('Invoice')
    expect(invoice?.fields).toMatchObject({
      sale: id,
      number: expect.any(String),
      state: 'paid',
      untaxed_amount: usd('200.00'),
      tax_amount: usd('20.00'),
      total_amount: usd('220.00'),
      amount_to_pay: usd('0.00'),
    })
    const payments = new Map(heard.filter(({ object }) => object === 'Payment').map(one => [one.id, one.fields]))
    expect([...payments.values()]).toMatchObject(
      ['50.00', '170.00'].map(amount => ({ invoice: invoice?.id, amount: usd(amount), number: expect.any(String) })),
    )
  })

  it('hears what was created and never changed, what changed below a record, and its author', async () => {
    const { customers, products } = system.tryton.seed
    let created = 0
    const { heard, wasEnough } = await listen(
      system,
      { objects: all },
      heard =>
        heard.some(({ fields }) => fields.code === 'F-NEW') &&
        heard.some(({ fields }) => fields.city === 'Oakland') &&
        heard.some(({ fields }) => fields.email === 'new@gold.test') &&
        heard.some(({ fields }) => fields.name === 'Gadget 3000'),
      async () => {
        ;[created] = await rpc('model.party.party.create', [{ name: 'Never changed', code: 'F-NEW' }])
        const [gold] = await rpc(
          'model.party.party.read',
          [customers['CUST-GOLD']],
          ['addresses', 'contact_mechanisms'],
        )
        await rpc('model.party.address.write', gold.addresses, { city: 'Oakland' })
        await rpc('model.party.contact_mechanism.write', gold.contact_mechanisms, { value: 'new@gold.test' })
        const [product] = await rpc('model.product.product.read', [products['GAD-300']], ['template'])
        await rpc('model.product.template.write', [product.template], { name: 'Gadget 3000' })
      },
    )
    expect(wasEnough).toBe(true)
    const [stamps] = await system.tryton.sql('select write_date from party_party where id = $1', [created])
    expect(stamps).toEqual({ write_date: null })
    expect(heard.find(({ fields }) => fields.city === 'Oakland')).toMatchObject({
      object: 'Party',
      by: expect.any(String),
    })
  })

  it('hears a sale that is committed late, behind newer ones', async () => {
    const { heard, wasEnough } = await listen(
      system,
      { objects: ['Sale'] },
      heard => heard.some(({ fields }) => fields.comment === 'late'),
      async untilHeard => {
        const { id } = await book(system, 'F-late')
        const slow = await system.tryton.session()
        await slow.query('begin')
        // As Tryton stamps a change: with the moment in which its transaction began.
        await slow.query(
          "update sale_sale set comment = 'late', write_date = current_timestamp at time zone 'UTC' where id = $1",
          [id],
        )
        await book(system, 'F-quick')
        await untilHeard(({ fields }) => fields.reference === 'F-quick')
        await slow.query('commit')
        await slow.end()
      },
    )
    expect(wasEnough).toBe(true)
    const late = heard.findIndex(({ fields }) => fields.comment === 'late')
    const quick = heard.findIndex(({ fields }) => fields.reference === 'F-quick')
    expect(quick).toBeLessThan(late)
    expect(heard[late]?.position.at).toBeLessThan(heard[quick]?.position.at ?? 0)
  })

  it('goes on from its cursor, tells all that was missed and nothing twice', async () => {
    const first = await listen(
      system,
      { objects: ['Party'] },
      heard => heard.some(({ fields }) => fields.code === 'F-BEFORE'),
      () => rpc('model.party.party.create', [{ name: 'Before', code: 'F-BEFORE' }]),
    )
    const missed = Array.from({ length: 250 }, (_, at) => `F-MISSED-${at}`)
    await rpc(
      'model.party.party.create',
      missed.map(code => ({ name: code, code })),
    )
    const isMissed = (code: unknown) => String(code).startsWith('F-MISSED-')
    const later = await listen(
      system,
      { objects: ['Party'], cursor: first.cursor },
      heard => new Set(heard.map(({ fields }) => fields.code).filter(isMissed)).size >= missed.length,
    )
    expect(later.wasEnough).toBe(true)
    const ids = later.heard.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('asks for little while nothing happens: ids and stamps, and no record', async () => {
    const { api, line } = await system.connect({ pollEvery: '20' })
    const { cursor } = await listen(
      { api },
      { objects: ['Sale'] },
      heard => heard.length > 0,
      () => book(system, 'F-quiet'),
    )
    line.called.length = 0
    const quiet = await listen(
      { api },
      { objects: ['Sale'], cursor },
      heard => heard.some(({ fields }) => fields.reference === 'F-end'),
      () => book(system, 'F-end'),
    )
    const heard = quiet.heard.map(({ id, position }) => `${id} ${position.at} ${position.seq}`)
    expect(new Set(heard).size).toBe(heard.length)
  })

  it('breaks when Tryton is away, and says when its place cannot be read', async () => {
    await expect(listen(system, { objects: all, cursor: 'nonsense' }, () => false)).rejects.toMatchObject({
      name: 'CursorLost',
    })
    const { api } = await system.connect({ url: 'http://127.0.0.1:9' })
    await expect(listen({ api }, { objects: all, cursor: '{}' }, () => false)).rejects.toMatchObject({
      name: 'Unavailable',
      systemIsDown: true,
    })
  })
})

describe('a list of all', () => {
  it('comes in pages, has what is no longer active, and shows by leaving it out what was deleted', async () => {
    const [gone, kept] = await rpc('model.party.party.create', [
      { name: 'To be deleted', code: 'L-GONE' },
      { name: 'No longer active', code: 'L-KEPT', active: false },
    ])
    const everyone = async () => {
      const ids: string[] = []
      let pages = 0
      for (let page: string | undefined = ''; page !== undefined; pages++) {
        const found: { records: readonly { id: string }[]; next?: string } = (await tryton.objects.Party.list?.(
          system.api,
          page || undefined,
        )) ?? { records: [] }
        ids.push(...found.records.map(({ id }) => id))
        page = found.next
      }
      return { ids, pages }
    }
    const before = await everyone()
    expect(before.pages).toBeGreaterThan(2)
    expect(before.ids).toEqual(expect.arrayContaining([String(gone), String(kept)]))
    expect(new Set(before.ids).size).toBe(before.ids.length)
    const since = Date.now()
    await rpc('model.party.party.delete', [gone])
    const after = await everyone()
    expect(after.ids).toEqual(before.ids.filter(id => id !== String(gone)))
    // Nothing else tells of it.
    const changed = await tryton.objects.Party.changed?.(system.api, since - 60_000)
    expect(changed?.records.some(({ id }) => id === String(gone))).toBe(false)
  })

  it('of what changed since a time names a sale whose line alone changed', async () => {
    const { id } = await book(system, 'L-line')
    const [row] = await system.tryton.sql<{ line: number; at: Date }>(
      'select l.id as line, clock_timestamp() as at from sale_line l where l.sale = $1',
      [id],
    )
    await rpc('model.sale.line.write', [row?.line], { description: 'changed alone' })
    const found: string[] = []
    for (let page: string | undefined = '0/0'; page !== undefined; ) {
      const answer: { records: readonly { id: string }[]; next?: string } = (await tryton.objects.Sale.changed?.(
        system.api,
        (row?.at.getTime() ?? 0) - 1,
        page,
      )) ?? { records: [] }
      found.push(...answer.records.map(one => one.id))
      page = answer.next
    }
    expect(found).toEqual([id])
    expect(await inTryton(system, 'L-line')).toHaveLength(1)
    expect(await write(sales, system.api, newSale(system, 'L-line'))).toMatchObject({ end: 'written', id })
  })
})

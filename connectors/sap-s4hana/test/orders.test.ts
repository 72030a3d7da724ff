// Orders in S/4HANA: booked once, found again, changed, closed, and refused in SAP's own words.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sapS4 } from '../src/index.ts'
import { book, eur, native, newOrder, orders, type System, startSystem, underWay, write } from './support.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())
beforeEach(() => system.calm())

const read = async (id: string) => (await orders.read?.(system.api, [native(id)]))?.[0]

describe('booking an order', () => {
  it('learns number, items, total and version from the answer', async () => {
    const end = await book(system.api, 'Q-1', [
      { product: 'TG11', quantity: 3, price: '350.10' },
      { product: 'TG13', quantity: 1000, price: '0.07' },
    ])
    expect(end.native).toMatchObject({
      SalesOrder: end.id,
      PurchaseOrderByCustomer: 'Q-1',
      TotalNetAmount: eur('1120.30'),
      OverallDeliveryStatus: 'A',
      to_Item: [
        {
          SalesOrderItem: '10',
          UnderlyingPurchaseOrderItem: 'l1',
          Material: 'TG11',
          RequestedQuantity: 3,
          NetPriceAmount: eur('350.10'),
          NetAmount: eur('1050.30'),
        },
        {
          SalesOrderItem: '20',
          UnderlyingPurchaseOrderItem: 'l2',
          NetPriceAmount: eur('0.07'),
          NetAmount: eur('70.00'),
        },
      ],
    })
    expect(end.position?.at).toBeGreaterThan(Date.now() - 10_000)
    const there = await read(end.id)
    expect(there?.fields).toEqual(end.native)
    expect(there?.token).toBe(end.token)
    expect(there?.position).toEqual(end.position)
  })

  it('is read with any number of others in one call after the other', async () => {
    const { id } = await book(system.api, 'Q-among-many')
    const strangers = Array.from({ length: 99 }, (_, at) => native(String(900_000 + at)))
    underWay.most = 0
    const read = await orders.read?.(system.api, [...strangers, id])
    expect(read?.map(one => one.id)).toEqual([id])
    expect(underWay.most).toBe(1)
  })

  it('keeps large amounts exact', async () => {
    const end = await book(system.api, 'Q-exact', [{ product: 'TG11', quantity: 1, price: '99999999999.99' }])
    expect(end.native?.TotalNetAmount).toEqual(eur('99999999999.99'))
  })

  it('ends unknown when the answer is lost, and is found again by its key', async () => {
    await system.faults({ commitThenDrop: { rate: 1, match: 'POST .*A_SalesOrder' } })
    const order = newOrder('k', 'Q-lost')
    expect(await write(system.api, order)).toMatchObject({ end: 'unknown' })
    await system.calm()
    const [found] = (await orders.find?.(system.api, [order])) ?? []
    expect(found).toHaveLength(1)
    expect(found?.[0]?.fields.PurchaseOrderByCustomer).toBe('Q-lost')
  })

  it('finds nothing of an order that never arrived, and both of two with one reference', async () => {
    const twice = newOrder('a', 'Q-twice')
    await write(system.api, twice)
    await write(system.api, { ...twice, key: 'b' })
    const [none, both, other] =
      (await orders.find?.(system.api, [newOrder('c', "Q-none'"), twice, newOrder('d', 'Q-twice')])) ?? []
    expect(none).toEqual([])
    expect(both).toHaveLength(2)
    expect(other).toHaveLength(2)
  })

  it('does not mix up customers that use the same reference', async () => {
    await book(system.api, 'PO-1')
    const other = newOrder('x', 'PO-1')
    const [found] =
      (await orders.find?.(system.api, [{ ...other, fields: { ...other.fields, SoldToParty: native('10100002') } }])) ??
      []
    expect(found).toEqual([])
  })

  it('fetches a new CSRF token once when the session has run out', async () => {
    await book(system.api, 'Q-before')
    await system.faults({ expiredSession: { rate: 1, match: 'POST' } })
    expect(await write(system.api, newOrder('k', 'Q-expired'))).toMatchObject({
      end: 'unavailable',
      systemIsDown: true,
    })
    await system.calm()
    await book(system.api, 'Q-after')
    const [found] = (await orders.find?.(system.api, [newOrder('k', 'Q-expired')])) ?? []
    expect(found).toEqual([])
  })

  it("is refused in SAP's own words", async () => {
    const end = await write(system.api, newOrder('k', 'Q-odd', [{ product: 'NONE', quantity: 1, price: '1.00' }]))
    expect(end).toMatchObject({ end: 'refused', todo: expect.stringContaining('master data') })
    expect(JSON.stringify(end)).toContain('Material NONE is not defined for sales org.1010')
  })

  it('waits as long as SAP asks', async () => {
    await book(system.api, 'Q-token')
    await system.faults({ requestLimit: { rate: 1, retryAfterSeconds: 7 } })
    expect(await write(system.api, newOrder('k', 'Q-429'))).toMatchObject({ end: 'unavailable', retryAfterMs: 7_000 })
    await system.faults({ unavailable: { rate: 1 } })
    // A page that is not SAP's own proves nothing about the order.
    expect(await write(system.api, newOrder('k', 'Q-503'))).toMatchObject({ end: 'unknown', systemIsDown: true })
  })

  it('takes no page and no half answer for an answer, and finds what was done all the same', async () => {
    await system.faults({ maintenancePage: { rate: 1, match: 'POST' } })
    expect(await write(system.api, newOrder('k', 'Q-page'))).toMatchObject({ end: 'unknown', systemIsDown: true })
    await system.faults({ maintenancePage: { rate: 1 } })
    const page = { name: 'Unavailable', systemIsDown: true, message: expect.stringContaining('"Planned maintenance"') }
    await expect(orders.read?.(system.api, [native('1')])).rejects.toMatchObject(page)
    await expect(orders.find?.(system.api, [newOrder('k', 'Q-page')])).rejects.toMatchObject(page)
    for (const how of ['cut', 'broken']) {
      await system.faults({ truncatedBody: { rate: 1, how, match: 'POST' } })
      expect(await write(system.api, newOrder('k', `Q-${how}`))).toMatchObject({ end: 'unknown' })
      await system.faults({ truncatedBody: { rate: 1, how } })
      await expect(orders.find?.(system.api, [newOrder('k', `Q-${how}`)])).rejects.toMatchObject({
        name: 'Unavailable',
      })
      await system.faults({})
      expect(await orders.find?.(system.api, [newOrder('k', `Q-${how}`), newOrder('k', 'Q-page')])).toMatchObject([
        [{ fields: { PurchaseOrderByCustomer: `Q-${how}` } }],
        [],
      ])
    }
  })

  it('is certainly not done when nobody listens, or nobody lets us in', async () => {
    const nowhere = await sapS4.spec.connect({ ...system.settings, url: 'http://127.0.0.1:9' }, system.api.host)
    expect(await write(nowhere, newOrder('k', 'Q'))).toMatchObject({ end: 'unavailable', systemIsDown: true })
    const stranger = await sapS4.spec.connect({ ...system.settings, password: 'no' }, system.api.host)
    expect(await write(stranger, newOrder('k', 'Q'))).toMatchObject({
      end: 'unavailable',
      systemIsDown: true,
      reason: expect.stringContaining('401'),
    })
  })
})

describe('changing an order', () => {
  const changesOf = async (order: string): Promise<number> => {
    const answer = await fetch(`${system.sandbox.url}/_sandbox/journal?object=A_SalesOrder&limit=10000`)
    const { entries } = (await answer.json()) as { entries: readonly { id: string }[] }
    return entries.filter(entry => entry.id === order).length
  }
  const lines = (operations: Partial<Record<'add' | 'change' | 'remove', unknown>>) =>
    ({ to_Item: { add: [], change: [], remove: [], ...operations } }) as never

  it('writes header, prices, quantities, new and removed items', async () => {
    const { id, token } = await book(system.api, 'Q-change', [
      { product: 'TG11', quantity: 1, price: '10.00' },
      { product: 'TG12', quantity: 1, price: '5.00' },
    ])
    const end = await write(system.api, {
      key: 'c1',
      id,
      token,
      fields: { CustomerPaymentTerms: '0002' },
      lists: lines({
        change: [{ id: '10', RequestedQuantity: 4, NetPriceAmount: eur('12.50') }],
        remove: ['20'],
        add: [
          { UnderlyingPurchaseOrderItem: 'l3', Material: 'TG13', RequestedQuantity: 2, NetPriceAmount: eur('3.00') },
        ],
      }),
    })
    expect(end).toMatchObject({
      end: 'written',
      native: {
        CustomerPaymentTerms: '0002',
        TotalNetAmount: eur('56.00'),
        to_Item: [
          { SalesOrderItem: '10', RequestedQuantity: 4, NetPriceAmount: eur('12.50') },
          { UnderlyingPurchaseOrderItem: 'l3', RequestedQuantity: 2 },
        ],
      },
    })
    if (end.end !== 'written') return
    const there = await read(id)
    expect(there?.token).toBe(end.token)
    expect(there?.position).toEqual(end.position)
  })

  it('adds no item twice when a change is sent again', async () => {
    const { id } = await book(system.api, 'Q-again')
    const item = {
      UnderlyingPurchaseOrderItem: 'l9',
      Material: 'TG13',
      RequestedQuantity: 1,
      NetPriceAmount: eur('1.00'),
    }
    const more = { key: 'm', id, fields: {}, lists: lines({ add: [item] }) }
    await write(system.api, more)
    expect(await write(system.api, more)).toMatchObject({ end: 'written' })
    expect((await read(id))?.fields.to_Item).toHaveLength(2)
  })

  it('does not overwrite what somebody else changed meanwhile', async () => {
    const { id, token } = await book(system.api, 'Q-race')
    await write(system.api, { key: 'r1', id, token, fields: { CustomerPaymentTerms: '0002' }, lists: {} })
    const late = { key: 'r2', id, token, fields: { CustomerPaymentTerms: '0003' }, lists: {} }
    expect(await write(system.api, late)).toMatchObject({ end: 'unavailable', retryAfterMs: 0 })
    const lateItem = { ...late, fields: {}, lists: lines({ change: [{ id: '10', RequestedQuantity: 9 }] }) }
    expect(await write(system.api, lateItem)).toMatchObject({ end: 'unavailable', retryAfterMs: 0 })
    expect((await read(id))?.fields).toMatchObject({
      CustomerPaymentTerms: '0002',
      to_Item: [{ RequestedQuantity: 5 }],
    })
  })

  it('is all or nothing: what SAP refuses of a change leaves nothing half done', async () => {
    const { id, token } = await book(system.api, 'Q-all', [
      { product: 'TG11', quantity: 4, price: '10.00' },
      { product: 'TG12', quantity: 1, price: '5.00' },
    ])
    await system.door('clerk/credit-limit', { customer: '10100001', limit: '9000000.00' })
    await system.door('clerk/release-credit', { salesOrder: id })
    await system.door('warehouse/ship', { salesOrder: id, items: [{ item: '10', quantity: '2' }] })
    const end = await write(system.api, {
      key: 'a1',
      id,
      fields: { CustomerPaymentTerms: '0002' },
      lists: lines({
        change: [{ id: '20', RequestedQuantity: 3 }],
        remove: ['10'],
      }),
    })
    expect(end).toMatchObject({ end: 'refused', reason: expect.stringContaining('a delivery exists') })
    const there = await read(id)
    expect(there?.token).not.toBe(token)
    expect(there?.fields).toMatchObject({
      CustomerPaymentTerms: expect.not.stringMatching('0002'),
      to_Item: [{ RequestedQuantity: 4 }, { RequestedQuantity: 1 }],
    })
  })

  it('that is lost on its way may have happened, and is the same when it is sent again', async () => {
    const { id } = await book(system.api, 'Q-lost', [
      { product: 'TG11', quantity: 4, price: '10.00' },
      { product: 'TG12', quantity: 1, price: '5.00' },
    ])
    const item = { UnderlyingPurchaseOrderItem: 'l7', Material: 'TG13', RequestedQuantity: 1 }
    const more = { key: 'l1', id, fields: { DeliveryBlockReason: '02' }, lists: lines({ remove: ['20'], add: [item] }) }
    for (const how of ['cut', 'broken']) {
      await system.faults({ truncatedBody: { rate: 1, how, match: 'POST .*batch' } })
      expect(await write(system.api, more)).toMatchObject({ end: 'unknown' })
      await system.calm()
    }
    expect(await write(system.api, more)).toMatchObject({
      end: 'written',
      native: { DeliveryBlockReason: '02', to_Item: [{ SalesOrderItem: '10' }, { UnderlyingPurchaseOrderItem: 'l7' }] },
    })
  })

  it('sends the goods to somebody else, and rejects the whole order, in one transaction', async () => {
    const { id } = await book(system.api, 'Q-cancel', [
      { product: 'TG11', quantity: 4, price: '10.00' },
      { product: 'TG12', quantity: 1, price: '5.00' },
    ])
    const fields = { ShipToParty: '10100002', SalesDocumentRjcnReason: '02' }
    const before = await changesOf(id)
    expect(await write(system.api, { key: 's1', id, fields, lists: {} })).toMatchObject({
      end: 'written',
      native: {
        ...fields,
        to_Item: [{ SalesDocumentRjcnReason: '02' }, { SalesDocumentRjcnReason: '02' }],
      },
    })
    expect(await changesOf(id)).toBe(before + 1)
  })

  it('closes an order by rejecting its items', async () => {
    const { id } = await book(system.api, 'Q-close')
    const end = await write(system.api, { key: 'x', id, fields: {}, lists: {}, close: true })
    expect(end).toMatchObject({
      end: 'written',
      native: { TotalNetAmount: eur('0.00'), to_Item: [{ SalesDocumentRjcnReason: '00' }] },
    })
  })
})

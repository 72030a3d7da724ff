// The feed of S/4HANA: everything once, nothing lost, from a cursor too.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sapS4 } from '../src/index.ts'
import { book, eur, listen, newOrder, type System, startSystem, write } from './support.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

const all = ['BusinessPartner', 'Product', 'SalesOrder', 'OutboundDelivery', 'BillingDocument', 'CustomerPayment']

describe('the feed', () => {
  it('tells an order, its delivery, its invoice and its payment', async () => {
    let id = ''
    const { heard } = await listen(
      system,
      { objects: all },
      heard =>
        heard.some(({ object }) => object === 'CustomerPayment') &&
        heard.some(({ fields }) => fields.InvoiceClearingStatus === 'C'),
      async () => {
        id = (await book(system.api, 'F-1', [{ product: 'TG11', quantity: 2, price: '100.00' }])).id
        await system.door('warehouse/ship', { salesOrder: id })
        const invoiced = await system.door('clerk/invoice', { salesOrder: id })
        await system.door('clerk/pay', { billingDocument: invoiced.billingDocument?.BillingDocument })
      },
    )
    const last = (object: string) => heard.filter(one => one.object === object).at(-1)
    expect(last('OutboundDelivery')?.fields).toMatchObject({
      SalesOrder: id,
      OverallGoodsMovementStatus: 'C',
      ActualGoodsMovementDate: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    })
    expect(last('BillingDocument')?.fields).toMatchObject({
      SalesOrder: id,
      TotalNetAmount: eur('200.00'),
      TaxAmount: eur('38.00'),
      TotalGrossAmount: eur('238.00'),
      InvoiceClearingStatus: 'C',
      BillingDocumentIsCancelled: false,
    })
    expect(last('CustomerPayment')?.fields).toMatchObject({
      InvoiceReference: last('BillingDocument')?.id,
      AmountInTransactionCurrency: eur('238.00'),
    })
    expect(last('SalesOrder')).toMatchObject({ id, mask: 'all', fields: { OverallDeliveryStatus: 'C' } })
  })

  it('tells new customers and products', async () => {
    const { heard } = await listen(
      system,
      { objects: all },
      heard => heard.some(({ id }) => id === 'NEW1') && heard.some(({ id }) => id === '77'),
      async () => {
        await system.door('customers', { id: '77', name: 'Neu GmbH', country: 'DE' })
        await system.door('materials', { material: 'NEW1', price: '1.00' })
      },
    )
    expect(heard.find(({ id }) => id === '77')).toMatchObject({
      object: 'BusinessPartner',
      fields: { Customer: '77', OrganizationBPName1: 'Neu GmbH' },
    })
    expect(heard.find(({ id }) => id === 'NEW1')).toMatchObject({ object: 'Product' })
  })

  it('goes on from its cursor without loss, over many pages', async () => {
    const first = await listen(
      system,
      { objects: ['SalesOrder'] },
      heard => heard.length > 0,
      () => book(system.api, 'F-first'),
    )
    const missed: string[] = []
    for (let n = 0; n < 450; n += 15) {
      const ends = await Promise.all(
        Array.from({ length: 15 }, (_, at) => write(system.api, newOrder('k', `F-missed-${n + at}`))),
      )
      missed.push(...ends.flatMap(end => (end.end === 'written' ? [end.id] : [])))
    }
    expect(missed).toHaveLength(450)
    const later = await listen(
      system,
      { objects: ['SalesOrder'], cursor: first.cursor },
      heard => new Set(heard.map(({ id }) => id)).size >= 451,
    )
    const ids = later.heard.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(missed.filter(id => !ids.some(heard => heard === id))).toEqual([])
  })

  it('hears an order that is committed late, behind newer ones', async () => {
    const slow = 'F-slow'
    const { heard } = await listen(
      system,
      { objects: ['SalesOrder'] },
      heard => heard.some(({ fields }) => fields.PurchaseOrderByCustomer === slow),
      async () => {
        await book(system.api, 'F-token')
        await system.faults({ latency: { ms: 600, match: 'POST' } })
        const late = book(system.api, slow)
        await new Promise(resolve => setTimeout(resolve, 100))
        await system.calm()
        await book(system.api, 'F-quick')
        await late
      },
    )
    const references = heard.map(({ fields }) => fields.PurchaseOrderByCustomer)
    expect(references.indexOf(slow)).toBeGreaterThan(references.indexOf('F-quick'))
    const stampOf = (reference: string) =>
      heard.find(({ fields }) => fields.PurchaseOrderByCustomer === reference)?.position.at
    expect(stampOf(slow)).toBeLessThan(stampOf('F-quick') ?? 0)
  })

  it('says nothing while nothing happens, at one call per entity set and round', async () => {
    const before = await listen(
      system,
      { objects: ['SalesOrder'] },
      heard => heard.length > 0,
      () => book(system.api, 'F-quiet'),
    )
    let calls = 0
    const counting = await sapS4.spec.connect(system.settings, {
      ...system.api.host,
      fetch: (...request) => {
        calls++
        return fetch(...request)
      },
    })
    const quiet = await listen(
      { ...system, api: counting },
      { objects: ['SalesOrder'], cursor: before.cursor },
      heard => heard.length > 1,
      async () => {
        await new Promise(resolve => setTimeout(resolve, 1_000))
        await book(system.api, 'F-last')
      },
    )
    expect(quiet.heard.filter(({ fields }) => fields.PurchaseOrderByCustomer === 'F-quiet').length).toBeLessThanOrEqual(
      1,
    )
    expect(calls).toBeLessThan(70)
  })

  it('breaks when the system is away, and stops at once when told to', async () => {
    await system.faults({ unavailable: { rate: 1 } })
    await expect(listen(system, { objects: ['SalesOrder'], cursor: '{}' }, () => false)).rejects.toMatchObject({
      name: 'Unavailable',
    })
    await system.calm()
    const stopping = new AbortController()
    setTimeout(() => stopping.abort(), 50)
    const began = Date.now()
    const feed = sapS4.spec.follow?.(system.api, { objects: all, specs: {}, signal: stopping.signal })
    for await (const _ of feed ?? []);
    expect(Date.now() - began).toBeLessThan(500)
    await expect(listen(system, { objects: all, cursor: 'nonsense' }, () => false)).rejects.toMatchObject({
      name: 'CursorLost',
    })
  })

  it('lists everything for the first load', async () => {
    const products = await sapS4.objects.Product.list?.(system.api)
    expect(products?.records.length).toBeGreaterThan(10)
    const partners = await sapS4.objects.BusinessPartner.list?.(system.api)
    expect(partners?.records.find(({ id }) => id === '10100001')?.fields).toMatchObject({
      OrganizationBPName1: 'Inlandskunde DE 1',
    })
  })
})

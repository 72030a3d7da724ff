// What the system does with orders: prices, tax, credit, state rules, and the way from order to payment.
import Big from 'big.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anOrder, door, type Loose, ORDERS, withSandbox } from './caller.ts'

const orders = `${ORDERS}/A_SalesOrder`
const SIMULATE = 'API_SALES_ORDER_SIMULATION_SRV/A_SalesOrderSimulation'

const question = (more: Record<string, unknown>) => ({
  ...anOrder(more),
  to_Pricing: {},
  to_Credit: {},
  to_Item: ((more.to_Item ?? anOrder().to_Item) as object[]).map(item => ({
    ...item,
    to_PricingElement: [],
    to_ScheduleLine: [],
  })),
})

describe('money', () => {
  it('gives the net of an order as the exact sum of its lines, and the tax per line rounded half up', () =>
    withSandbox(async ({ call }) => {
      const material = fc.constantFrom('TG11', 'TG12', 'TG13', 'TG20', 'TG21', 'RM16')
      const item = fc.record({
        material,
        thousandths: fc.integer({ min: 1, max: 50_000 }),
        price: fc.option(fc.integer({ min: 0, max: 10_000_000 })),
      })
      const rates: Record<string, string> = { TG20: '7', TG21: '0' }
      await fc.assert(
        fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 6 }), async items => {
          const to_Item = items.map(({ material, thousandths, price }) => ({
            Material: material,
            RequestedQuantity: new Big(thousandths).div(1000).toFixed(3),
            ...(price === null
              ? {}
              : {
                  to_PricingElement: [
                    { ConditionType: 'PPR0', ConditionRateValue: new Big(price).div(1000).toFixed(3) },
                  ],
                }),
          }))
          const created = await call.post(orders, anOrder({ to_Item }))
          expect(created.status, created.text).toBe(201)
          const lines: Loose[] = created.d.to_Item.results
          expect(created.d.TotalNetAmount).toBe(
            lines.reduce((sum, line) => sum.plus(line.NetAmount), new Big(0)).toFixed(2),
          )
          for (const [at, line] of lines.entries()) {
            expect(line.TaxAmount).toBe(
              new Big(line.NetAmount)
                .times(rates[line.Material] ?? '19')
                .div(100)
                .toFixed(2, Big.roundHalfUp),
            )
            const price = items[at]?.price
            if (price !== null && price !== undefined) {
              expect(line.NetAmount).toBe(
                new Big(price).div(1000).times(line.RequestedQuantity).toFixed(2, Big.roundHalfUp),
              )
            }
          }
        }),
        { numRuns: 60 },
      )
    }))

  it('charges no tax abroad', () =>
    withSandbox(async ({ call }) => {
      const created = await call.post(orders, anOrder({ SoldToParty: '10100003' }))
      expect(created.d.to_Item.results.map((item: Loose) => item.TaxAmount)).toEqual(['0.00', '0.00'])
    }))

  it("simulates the very price that it books: list, scale, and the customer's own", () =>
    withSandbox(async ({ call }) => {
      const cases = [
        ['10100001', '99', '1737.45'],
        ['10100001', '100', '1620.00'],
        ['10100002', '49', '735.00'],
        ['10100002', '50', '712.50'],
      ]
      for (const [SoldToParty, RequestedQuantity, net] of cases) {
        const more = { SoldToParty, to_Item: [{ Material: 'TG11', RequestedQuantity }] }
        const simulated = await call.post(SIMULATE, question(more))
        expect(simulated.status, simulated.text).toBe(201)
        expect(simulated.d.to_Pricing.TotalNetAmount).toBe(net)
        const booked = await call.post(orders, anOrder(more))
        expect(booked.d.TotalNetAmount).toBe(net)
        expect(booked.d.to_Item.results[0].TaxAmount).toBe(simulated.d.to_Item.results[0].TaxAmount)
      }
      expect((await call.get(`${orders}/$count`)).text).toBe('4')
    }))

  it('answers only the parts of a simulation that were asked for, with schedule lines from stock', () =>
    withSandbox(async ({ call }) => {
      const asked = await call.post(SIMULATE, question({ to_Item: [{ Material: 'TG14', RequestedQuantity: '8' }] }))
      const lines = asked.d.to_Item.results[0].to_ScheduleLine.results
      expect(lines.map((line: Loose) => line.ConfdOrderQtyByMatlAvailCheck)).toEqual(['5.000', '3.000'])
      expect(asked.d.to_Credit.TotalCreditCheckStatus).toBe('A')
      const { to_Pricing: _unasked, ...rest } = question({})
      expect((await call.post(SIMULATE, rest)).d.to_Pricing.__deferred).toBeDefined()
    }))
})

describe('credit', () => {
  it('accepts an order over the limit but blocks it, until a clerk releases it', () =>
    withSandbox(async ({ call, url }) => {
      const poor = { SoldToParty: '10100004', to_Item: [{ Material: 'TG12', RequestedQuantity: '1' }] }
      expect((await call.post(orders, anOrder(poor))).d.TotalCreditCheckStatus).toBe('A')
      expect((await call.post(SIMULATE, question(poor))).d.to_Credit.TotalCreditCheckStatus).toBe('B')
      const blocked = await call.post(orders, anOrder(poor))
      expect([blocked.status, blocked.d.TotalCreditCheckStatus]).toEqual([201, 'B'])
      expect(JSON.parse(blocked.headers.get('sap-message') ?? '{}').severity).toBe('warning')
      const early = await door(url, 'warehouse/ship', { salesOrder: '2' })
      expect([early.status, early.answer.code]).toEqual([400, 'VL/150'])
      expect(
        (await door(url, 'clerk/release-credit', { salesOrder: '2' })).answer.salesOrder.TotalCreditCheckStatus,
      ).toBe('D')
      expect((await door(url, 'warehouse/ship', { salesOrder: '2' })).status).toBe(200)
    }))

  it('refuses the order of a customer that is set up so, and takes it once the limit is raised', () =>
    withSandbox(async ({ call, url }) => {
      const strict = { SoldToParty: '10100005', to_Item: [{ Material: 'TG12', RequestedQuantity: '2' }] }
      const refused = await call.post(orders, anOrder(strict))
      expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([400, 'VC/101'])
      await door(url, 'clerk/credit-limit', { customer: '10100005', limit: '5000.00' })
      expect((await call.post(orders, anOrder(strict))).status).toBe(201)
      const account = await call.get(
        "API_CRDTMBUSINESSPARTNER/A_CreditMgmtAccount(CreditMgmtBusinessPartner='10100005',CreditSegment='0000')",
      )
      expect([account.d.CreditLimitAmount, account.d.CreditExposureAmount]).toEqual(['5000.00', '833.24'])
    }))
})

describe('changing orders', () => {
  it('adds, changes, rejects and removes items while the order is open', () =>
    withSandbox(async ({ call }) => {
      await call.post(orders, anOrder())
      const added = await call.post(`${orders}('1')/to_Item`, { Material: 'TG13', RequestedQuantity: '100' })
      expect([added.status, added.d.SalesOrderItem, added.d.NetAmount]).toEqual([201, '30', '7.00'])
      const item = (number: string) => `${ORDERS}/A_SalesOrderItem(SalesOrder='1',SalesOrderItem='${number}')`
      expect((await call.patch(item('10'), { RequestedQuantity: '100' })).status).toBe(204)
      expect((await call.get(item('10'))).d.NetAmount).toBe('1620.00')
      expect((await call.patch(item('20'), { SalesDocumentRjcnReason: '04' })).status).toBe(204)
      expect((await call.write('DELETE', item('30'))).status).toBe(204)
      const order = await call.get(`${orders}('1')`)
      expect([order.d.TotalNetAmount, order.d.OverallSDDocumentRejectionSts]).toEqual(['1620.00', 'B'])
      expect((await call.write('DELETE', `${orders}('1')`, undefined, { 'if-match': '*' })).status).toBe(204)
      expect((await call.get(`${orders}('1')`)).status).toBe(404)
    }))

  it('refuses to change the items of a delivered order, or to go below what is delivered', () =>
    withSandbox(async ({ call, url }) => {
      await call.post(orders, anOrder())
      await door(url, 'warehouse/ship', { salesOrder: '1', items: [{ item: '10', quantity: '3' }] })
      const item = `${ORDERS}/A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')`
      const less = await call.patch(item, { RequestedQuantity: '2' })
      expect([less.status, JSON.parse(less.text).error.code]).toEqual([400, 'V1/499'])
      await door(url, 'warehouse/ship', { salesOrder: '1' })
      const late = await call.patch(item, { RequestedQuantity: '9' })
      expect([late.status, JSON.parse(late.text).error.code]).toEqual([400, 'V1/043'])
      expect((await call.write('DELETE', `${orders}('1')`, undefined, { 'if-match': '*' })).status).toBe(400)
    }))

  it('cancels an order by rejecting all its items', () =>
    withSandbox(async ({ call, url }) => {
      await call.post(orders, anOrder())
      await door(url, 'clerk/reject', { salesOrder: '1', reason: '10' })
      const { d } = await call.get(`${orders}('1')`)
      expect([d.OverallSDDocumentRejectionSts, d.OverallSDProcessStatus, d.TotalNetAmount]).toEqual(['C', 'C', '0.00'])
    }))
})

describe('from order to payment', () => {
  it('ships in parts, bills what left, takes payments in parts, and tells it all', () =>
    withSandbox(async ({ call, url }) => {
      await call.post(orders, anOrder())
      const first = await door(url, 'warehouse/ship', { salesOrder: '1', items: [{ item: '10', quantity: '2' }] })
      expect(first.answer.delivery).toMatchObject({ OverallGoodsMovementStatus: 'C', SoldToParty: '10100001' })
      expect(first.answer.delivery.BillOfLading).toBeTruthy()
      expect(first.answer.salesOrder.OverallDeliveryStatus).toBe('B')
      const byOrder = await call.get(
        "API_OUTBOUND_DELIVERY_SRV;v=0002/A_OutbDeliveryItem?$filter=ReferenceSDDocument eq '1'",
      )
      expect(byOrder.d.results[0]).toMatchObject({ ReferenceSDDocumentItem: '10', ActualDeliveryQuantity: '2.000' })

      const one = (await door(url, 'clerk/invoice', { salesOrder: '1' })).answer.billingDocument
      expect([one.TotalNetAmount, one.TaxAmount, one.TotalGrossAmount]).toEqual(['35.10', '6.67', '41.77'])
      expect((await door(url, 'clerk/invoice', { salesOrder: '1' })).status).toBe(400)
      await door(url, 'warehouse/ship', { salesOrder: '1' })
      const two = (await door(url, 'clerk/invoice', { salesOrder: '1' })).answer
      const order = (await call.get(`${orders}('1')?$expand=to_Item`)).d
      const sum = new Big(one.TotalNetAmount).plus(two.billingDocument.TotalNetAmount).toFixed(2)
      expect(sum).toBe(order.TotalNetAmount)
      expect([order.OverallDeliveryStatus, order.OverallOrdReltdBillgStatus, order.OverallSDProcessStatus]).toEqual([
        'C',
        'C',
        'C',
      ])

      const invoice = `API_BILLING_DOCUMENT_SRV/A_BillingDocument('${one.BillingDocument}')`
      await door(url, 'clerk/pay', { billingDocument: one.BillingDocument, amount: '12.34' })
      expect((await call.get(invoice)).d.InvoiceClearingStatus).toBe('B')
      expect((await door(url, 'clerk/pay', { billingDocument: one.BillingDocument, amount: '99999' })).status).toBe(400)
      await door(url, 'clerk/pay', { billingDocument: one.BillingDocument })
      expect((await call.get(`${invoice}?$expand=to_Item`)).d).toMatchObject({
        InvoiceClearingStatus: 'C',
        AccountingPostingStatus: 'C',
      })
      const cube = `API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube?$filter=LastChangeDateTime ge datetimeoffset'2020-01-01T00:00:00Z'&$orderby=LastChangeDateTime`
      const payments = (await call.get(cube)).d.results
      expect(
        payments.map((each: Loose) => [
          each.AccountingDocumentType,
          each.InvoiceReference,
          each.AmountInTransactionCurrency,
        ]),
      ).toEqual([
        ['DZ', one.BillingDocument, '-12.34'],
        ['DZ', one.BillingDocument, '-29.43'],
      ])
      const { entries } = (await door(url, 'journal?limit=10000')).answer
      const by = (object: string) =>
        entries
          .filter((entry: Loose) => entry.object === object && entry.kind === 'create')
          .map((entry: Loose) => entry.by)
      expect(by('A_OutbDeliveryHeader')).toEqual(['warehouse', 'warehouse'])
      expect(by('A_BillingDocument')).toEqual(['clerk', 'clerk'])
      expect(by('A_SalesOrder')).toEqual(['sandbox'])
    }))

  it('tells the document flow and what can be promised', () =>
    withSandbox(async ({ call, url }) => {
      await call.post(orders, anOrder({ to_Item: [{ Material: 'TG14', RequestedQuantity: '2' }] }))
      const promise =
        "API_PRODUCT_AVAILY_INFO_BASIC/DetermineAvailabilityAt?ATPCheckingRule='A'&Material='TG14'&SupplyingPlant='1010'&RequestedUTCDateTime=datetimeoffset'2026-12-01T00:00:00Z'"
      expect((await call.get(promise)).d.DetermineAvailabilityAt.AvailableQuantityInBaseUnit).toBe('3.000')
      await door(url, 'warehouse/ship', { salesOrder: '1' })
      await door(url, 'clerk/invoice', { salesOrder: '1' })
      const flow = await call.get(`${orders}('1')/to_SubsequentProcFlowDoc`)
      expect(flow.d.results.map((each: Loose) => [each.SubsequentDocument, each.SubsequentDocumentCategory])).toEqual([
        ['80000000', 'J'],
        ['90000000', 'M'],
      ])
    }))

  it('cancels an invoice and can bill again', () =>
    withSandbox(async ({ call, url }) => {
      await call.post(orders, anOrder())
      await door(url, 'warehouse/ship', { salesOrder: '1' })
      const first = (await door(url, 'clerk/invoice', { salesOrder: '1' })).answer.billingDocument
      const cancelled = await call.write(
        'POST',
        `API_BILLING_DOCUMENT_SRV/Cancel?BillingDocument='${first.BillingDocument}'`,
      )
      expect(cancelled.status, cancelled.text).toBe(200)
      expect(
        cancelled.d.results.map((each: Loose) => [each.BillingDocumentIsCancelled, each.CancelledBillingDocument]),
      ).toEqual([
        [true, ''],
        [false, first.BillingDocument],
      ])
      const again = (await door(url, 'clerk/invoice', { salesOrder: '1' })).answer.billingDocument
      expect(again.TotalNetAmount).toBe(first.TotalNetAmount)
    }))

  it('posts goods issue through the interface and refuses when the stock does not reach', () =>
    withSandbox(async ({ call }) => {
      await call.post(orders, anOrder({ to_Item: [{ Material: 'TG14', RequestedQuantity: '8' }] }))
      const reference = (quantity: string) => ({
        to_DeliveryDocumentItem: [
          { ReferenceSDDocument: '1', ReferenceSDDocumentItem: '10', ActualDeliveryQuantity: quantity },
        ],
      })
      const created = await call.post('API_OUTBOUND_DELIVERY_SRV/A_OutbDeliveryHeader', reference('8'))
      expect(created.status, created.text).toBe(201)
      const issue = (id: string) =>
        call.write('POST', `API_OUTBOUND_DELIVERY_SRV/PostGoodsIssue?DeliveryDocument='${id}'`)
      const refused = await issue(created.d.DeliveryDocument)
      expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([400, 'M7/021'])
      const key = `API_OUTBOUND_DELIVERY_SRV/A_OutbDeliveryHeader('${created.d.DeliveryDocument}')`
      expect((await call.write('DELETE', key, undefined, { 'if-match': '*' })).status).toBe(204)
      const smaller = await call.post('API_OUTBOUND_DELIVERY_SRV/A_OutbDeliveryHeader', reference('5'))
      expect((await issue(smaller.d.DeliveryDocument)).d.PostGoodsIssue.OverallGoodsMovementStatus).toBe('C')
      const stock = await call.get(
        "API_MATERIAL_STOCK_SRV/A_MatlStkInAcctMod?$filter=Material eq 'TG14' and Plant eq '1010' and InventoryStockType eq '01'",
      )
      expect(stock.d.results[0].MatlWrhsStkQtyInMatlBaseUnit).toBe('0.000')
    }))
})

describe('business partners and materials', () => {
  const PARTNERS = 'API_BUSINESS_PARTNER/A_BusinessPartner'
  const acme = {
    BusinessPartnerCategory: '2',
    OrganizationBPName1: 'Acme',
    BusinessPartnerIDByExtSystem: '0018000000AbCdEAAX',
    to_BusinessPartnerAddress: [{ Country: 'DE', CityName: 'Berlin', PostalCode: '10115' }],
    to_BusinessPartnerRole: [{ BusinessPartnerRole: 'FLCU00' }, { BusinessPartnerRole: 'FLCU01' }],
  }

  it('creates a customer deep, and lets it order once it has a sales area', () =>
    withSandbox(async ({ call }) => {
      const created = await call.post(PARTNERS, acme)
      expect(created.status, created.text).toBe(201)
      const id = created.d.BusinessPartner
      expect(created.d.Customer).toBe(id)
      const early = await call.post(orders, anOrder({ SoldToParty: id }))
      expect(JSON.parse(early.text).error.code).toBe('VP/201')
      const area = { SalesOrganization: '1010', DistributionChannel: '10', Division: '00', Currency: 'EUR' }
      expect((await call.post(`API_BUSINESS_PARTNER/A_Customer('${id}')/to_CustomerSalesArea`, area)).status).toBe(201)
      expect((await call.post(orders, anOrder({ SoldToParty: id }))).status).toBe(201)
      const found = await call.get(
        `${PARTNERS}?$filter=BusinessPartnerIDByExtSystem eq '0018000000AbCdEAAX'&$expand=to_BusinessPartnerAddress,to_Customer/to_CustomerSalesArea`,
      )
      expect(found.d.results).toHaveLength(1)
      expect(found.d.results[0].to_Customer.to_CustomerSalesArea.results[0].Currency).toBe('EUR')
      expect(found.d.results[0].__metadata.etag).toBeUndefined()
    }))

  it('keeps one tax number of a kind, without blanks and in capitals, until it is taken away', () =>
    withSandbox(async ({ call }) => {
      const BusinessPartner = (await call.post(PARTNERS, acme)).d.BusinessPartner
      const set = 'API_BUSINESS_PARTNER/A_BusinessPartnerTaxNumber'
      const entered = { BusinessPartner, BPTaxType: 'DE0', BPTaxNumber: 'de 123 456 789' }
      expect((await call.post(set, entered)).d.BPTaxNumber).toBe('DE123456789')
      expect((await call.post(set, entered)).status).toBe(400)
      const one = `${set}(BusinessPartner='${BusinessPartner}',BPTaxType='DE0')`
      expect((await call.patch(one, { BPTaxNumber: 'DE999999999' })).status).toBe(204)
      const partner = `${PARTNERS}('${BusinessPartner}')?$expand=to_BusinessPartnerTax`
      expect((await call.get(partner)).d.to_BusinessPartnerTax.results).toMatchObject([{ BPTaxNumber: 'DE999999999' }])
      expect((await call.write('DELETE', one, undefined, { 'if-match': '*' })).status).toBe(204)
      expect((await call.get(partner)).d.to_BusinessPartnerTax.results).toEqual([])
    }))

  it('is found by day and time of its last change, and by its creation before it ever changed', () => {
    let now = Date.parse('2026-11-22T10:00:00Z')
    return withSandbox(
      async ({ call }) => {
        const { d } = await call.post(PARTNERS, acme)
        const since = async (field: 'LastChange' | 'Creation', time: string) => {
          const filter = `${field}Date gt datetime'2026-11-22T00:00:00' or (${field}Date eq datetime'2026-11-22T00:00:00' and ${field}Time ge time'${time}')`
          const answer = await call.get(`${PARTNERS}?$filter=${encodeURIComponent(filter)}`)
          return answer.d.results.map((row: Loose) => row.BusinessPartner)
        }
        expect(await since('LastChange', 'PT00H00M00S')).toEqual([])
        expect(await since('Creation', 'PT10H00M00S')).toContain(d.BusinessPartner)
        now += 3_600_000
        expect(
          (await call.patch(`${PARTNERS}('${d.BusinessPartner}')`, { OrganizationBPName1: 'Acme Europe' })).status,
        ).toBe(204)
        expect(await since('LastChange', 'PT11H00M00S')).toEqual([d.BusinessPartner])
        expect(await since('LastChange', 'PT11H00M01S')).toEqual([])
      },
      { now: () => now },
    )
  })

  it('takes freight that no delivery is made for, and bills it with the first goods', () =>
    withSandbox(async ({ call, url }) => {
      const { d } = await call.post(orders, anOrder())
      await door(url, 'clerk/freight', { salesOrder: d.SalesOrder, amount: '12.34' })
      const items = (await call.get(`${orders}('${d.SalesOrder}')/to_Item`)).d.results
      expect(items.at(-1)).toMatchObject({ SalesOrderItemCategory: 'TAX', NetAmount: '12.34', Material: 'FREIGHT' })
      const shipped = (await door(url, 'warehouse/ship', { salesOrder: d.SalesOrder })).answer.salesOrder
      expect(shipped).toMatchObject({ OverallDeliveryStatus: 'C' })
      const invoiced = (await door(url, 'clerk/invoice', { salesOrder: d.SalesOrder })).answer
      expect(invoiced.billingDocument.TotalNetAmount).toBe(shipped.TotalNetAmount)
      expect(invoiced.salesOrder).toMatchObject({ OverallSDProcessStatus: 'C' })
    }))

  it('splits an item, tells what of it was delivered by schedule line, and sorts items', () =>
    withSandbox(async ({ call, url }) => {
      const item = { Material: 'TG11', RequestedQuantity: '10', UnderlyingPurchaseOrderItem: 'our line' }
      const { d } = await call.post(orders, anOrder({ to_Item: [item] }))
      const items = async () =>
        (await call.get(`${orders}('${d.SalesOrder}')?$expand=to_Item/to_ScheduleLine`)).d.to_Item.results
      const split = { salesOrder: d.SalesOrder, item: '10', quantity: '4', keepsReference: true }
      await door(url, 'clerk/split', split)
      const [left, part] = await items()
      expect(left).toMatchObject({ SalesOrderItem: '10', RequestedQuantity: '6.000' })
      expect(part).toMatchObject({
        SalesOrderItem: '20',
        HigherLevelItem: '10',
        RequestedQuantity: '4.000',
        UnderlyingPurchaseOrderItem: 'our line',
      })
      expect((await door(url, 'clerk/split', { ...split, quantity: '6' })).status).toBe(400)
      await door(url, 'warehouse/ship', { salesOrder: d.SalesOrder, items: [{ item: '10', quantity: '2' }] })
      const [sent] = await items()
      expect(sent.to_ScheduleLine.results[0]).toMatchObject({ DeliveredQtyInOrderQtyUnit: '2.000' })
      await door(url, 'clerk/sort', { salesOrder: d.SalesOrder, items: ['20', '10'] })
      expect((await items()).map((one: { SalesOrderItem: string }) => one.SalesOrderItem)).toEqual(['20', '10'])
    }))

  it('seeds thirteen materials, takes new ones, and refuses a blocked customer', () =>
    withSandbox(async ({ call, url }) => {
      expect((await call.get('API_PRODUCT_SRV/A_Product/$count')).text).toBe('13')
      const product = {
        Product: 'NEW1',
        ProductType: 'FERT',
        BaseUnit: 'PC',
        to_Description: [{ Language: 'EN', ProductDescription: 'New' }],
      }
      expect((await call.post('API_PRODUCT_SRV/A_Product', product)).status).toBe(201)
      expect((await call.post('API_PRODUCT_SRV/A_Product', product)).status).toBe(400)
      expect((await door(url, 'materials', { material: 'NEW2', price: '1.005' })).status).toBe(200)
      const { customer } = (await door(url, 'customers', { name: 'Nippon', country: 'JP', currency: 'EUR' })).answer
      const blocked = { OrderIsBlockedForCustomer: '01' }
      expect((await call.patch(`API_BUSINESS_PARTNER/A_Customer('${customer.BusinessPartner}')`, blocked)).status).toBe(
        204,
      )
      const refused = await call.post(orders, anOrder({ SoldToParty: customer.BusinessPartner }))
      expect(JSON.parse(refused.text).error.code).toBe('V1/311')
      expect((await door(url, 'customers', { name: 'X', nope: 1 })).status).toBe(400)
    }))
})

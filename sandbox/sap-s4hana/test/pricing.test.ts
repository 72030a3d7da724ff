// What things cost and when they can be had: condition records with scales, validity and discounts, and stock by date.
import { cpSync, rmSync } from 'node:fs'
import Big from 'big.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startS4Sandbox } from '../src/index.ts'
import { anOrder, Caller, door, type Loose, newFolder, ORDERS, withSandbox as withAnySandbox } from './caller.ts'

const orders = `${ORDERS}/A_SalesOrder`
const SIMULATE = 'API_SALES_ORDER_SIMULATION_SRV/A_SalesOrderSimulation'
const CONDITIONS = 'API_SLSPRICINGCONDITIONRECORD_SRV'
const DAY = 86_400_000
const goodCustomer = '10200001'

const withSandbox: typeof withAnySandbox = test => withAnySandbox(test, { now })

const question = (more: Record<string, unknown>) => ({
  ...anOrder(more),
  to_Pricing: {},
  to_Credit: {},
  to_Item: (more.to_Item as object[]).map(item => ({ ...item, to_PricingElement: [], to_ScheduleLine: [] })),
})

const simulated = async (call: Caller, more: Record<string, unknown>): Promise<Loose> => {
  const asked = await call.post(SIMULATE, question(more))
  expect(asked.status, asked.text).toBe(201)
  return asked.d
}
const netOf = async (call: Caller, SoldToParty: string, Material: string, RequestedQuantity: string, more = {}) =>
  (await simulated(call, { SoldToParty, to_Item: [{ Material, RequestedQuantity }], ...more })).to_Item.results[0]
    .NetAmount
const elements = (item: Loose) =>
  item.to_PricingElement.results.map((each: Loose) => [
    each.ConditionType,
    each.ConditionAmount,
    each.ConditionInactiveReason,
  ])
const wireDay = (ms: number) => `/Date(${ms})/`
/** The clock stands still at ten in the morning. */
const now = () => Date.UTC(2026, 10, 22, 10)
const today = () => now() - (now() % DAY)
const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10)

describe('conditions', () => {
  it('take discounts and surcharges off the price one by one, each rounded, and show every one of them', () =>
    withSandbox(async ({ call }) => {
      const { to_Item, to_Pricing } = await simulated(call, {
        SoldToParty: goodCustomer,
        to_Item: [
          { Material: 'TG12', RequestedQuantity: '3' },
          { Material: 'TG14', RequestedQuantity: '1' },
        ],
      })
      const [panel, wheel] = to_Item.results
      expect(elements(panel)).toEqual([
        ['PPR0', '1050.30', ''],
        ['K005', '-4.50', ''],
        ['K007', '-52.52', ''],
        ['TTX1', '188.72', ''],
      ])
      expect(panel.NetAmount).toBe('993.28')
      expect(elements(wheel).slice(0, 3)).toEqual([
        ['PPR0', '1299.99', ''],
        ['K004', '12.50', ''],
        ['K007', '-65.00', ''],
      ])
      expect(to_Pricing.TotalNetAmount).toBe('2240.77')
      const booked = await call.post(
        orders,
        anOrder({ SoldToParty: goodCustomer, to_Item: [{ Material: 'TG12', RequestedQuantity: '3' }] }),
      )
      expect([booked.d.TotalNetAmount, booked.d.to_Item.results[0].NetPriceAmount]).toEqual(['993.28', '331.09'])
      const header = (await call.get(`${orders}('1')/to_PricingElement`)).d.results
      expect(header.map((each: Loose) => [each.ConditionType, each.ConditionAmount])).toEqual([
        ['PPR0', '1050.30'],
        ['K005', '-4.50'],
        ['K007', '-52.52'],
        ['TTX1', '188.72'],
      ])
    }))

  it('leave the discounts on a price given as PPR0, and none on one given as PMP0', () =>
    withSandbox(async ({ call }) => {
      const booked = async (ConditionType: string) =>
        (
          await call.post(
            orders,
            anOrder({
              SoldToParty: goodCustomer,
              to_Item: [
                {
                  Material: 'TG11',
                  RequestedQuantity: '10',
                  to_PricingElement: [{ ConditionType, ConditionRateValue: '16.00', ConditionCurrency: 'EUR' }],
                },
              ],
            }),
          )
        ).d.to_Item.results[0]
      const price = await booked('PPR0')
      expect([price.NetAmount, price.NetPriceAmount]).toEqual(['152.00', '15.20'])
      const final = await booked('PMP0')
      expect([final.NetAmount, final.NetPriceAmount]).toEqual(['160.00', '16.00'])
      const shown = await call.get(`${orders}('2')?$expand=to_Item,to_Item/to_PricingElement`)
      expect(elements(shown.d.to_Item.results[0])).toEqual([
        ['PPR0', '175.50', 'Y'],
        ['K007', '-8.78', 'Y'],
        ['PMP0', '160.00', ''],
        ['TTX1', '30.40', ''],
      ])
    }))

  it('hold from a day to a day: a newer one takes over for its time, and the older goes on behind it', () =>
    withSandbox(async ({ call, url }) => {
      const action = {
        ...{ material: 'TG12', rate: '299.00' },
        ...{ validFrom: isoDay(today() + 10 * DAY), validTo: isoDay(today() + 19 * DAY) },
      }
      const { status, answer } = await door(url, 'clerk/condition', action)
      expect(status, JSON.stringify(answer)).toBe(200)
      const on = (days: number) => netOf(call, '10100001', 'TG12', '1', { PricingDate: wireDay(today() + days * DAY) })
      expect(await Promise.all([0, 9, 10, 19, 20].map(on))).toEqual(['350.10', '350.10', '299.00', '299.00', '350.10'])
      const validities = (
        await call.get(`${CONDITIONS}/A_SlsPrcgCndnRecdValidity?$filter=Material eq 'TG12' and Customer eq ''`)
      ).d.results
      expect(validities).toHaveLength(3)
      await door(url, 'clerk/change-condition', { conditionRecord: answer.condition.ConditionRecord, delete: true })
      const gap = await call.post(
        SIMULATE,
        question({ to_Item: [{ Material: 'TG12', RequestedQuantity: '1' }], PricingDate: wireDay(today() + 12 * DAY) }),
      )
      expect(gap.d.to_Item.results[0].NetAmount).toBe('0.00')
      expect(JSON.parse(gap.headers.get('sap-message') ?? '{}').message).toContain(
        'mandatory condition PPR0 is missing',
      )
    }))

  it('are there to be looked at, with scales, and survive a restart', () =>
    withSandbox(async ({ call, url, folder }) => {
      await door(url, 'clerk/condition', {
        ...{ type: 'K007', customer: '10100001' },
        scales: [
          { from: '1', percent: '-1' },
          { from: '10', percent: '-2.5' },
        ],
      })
      const net = (caller: Caller) => Promise.all(['9', '10'].map(many => netOf(caller, '10100001', 'FG126', many)))
      expect(await net(call)).toEqual(['890.11', '974.02'])
      // What the journal holds at this moment is what a kill would leave.
      const copy = newFolder()
      cpSync(folder, copy, { recursive: true })
      const again = await startS4Sandbox({ port: 0, dataFolder: copy, now })
      try {
        const caller = new Caller(again.url)
        expect(await net(caller)).toEqual(['890.11', '974.02'])
        const [validity] = (await caller.get(`${CONDITIONS}/A_SlsPrcgCndnRecdValidity?$filter=Customer eq '10100001'`))
          .d.results
        const record = await caller.get(
          `${CONDITIONS}/A_SlsPrcgConditionRecord('${validity.ConditionRecord}')?$expand=to_SlsPrcgCndnRecordScale`,
        )
        expect(record.d).toMatchObject({
          ConditionType: 'K007',
          ConditionCalculationType: 'A',
          ConditionRateValueUnit: '%',
        })
        expect(record.d.to_SlsPrcgCndnRecordScale.results.map((step: Loose) => step.ConditionRateValue)).toEqual([
          '-1.000000000',
          '-2.500000000',
        ])
        const { entries } = (await door(again.url, 'journal?object=A_SlsPrcgConditionRecord&limit=10000')).answer
        expect(entries.at(-1)).toMatchObject({ kind: 'create', by: 'clerk', fields: { ConditionType: 'K007' } })
      } finally {
        await again.close()
        rmSync(copy, { recursive: true })
      }
    }))

  it('cost what the highest step says that the quantity reaches, exactly', () =>
    withSandbox(async ({ call, url }) => {
      const step = fc.record({ from: fc.integer({ min: 1, max: 500 }), cents: fc.integer({ min: 1, max: 1_000_000 }) })
      const steps = fc.uniqueArray(step, { minLength: 1, maxLength: 5, selector: ({ from }) => from })
      let number = 0
      await fc.assert(
        fc.asyncProperty(steps, fc.integer({ min: 1, max: 600_000 }), async (scale, thousandths) => {
          const material = `SCALED-${number++}`
          const quantity = new Big(thousandths).div(1000)
          const scales = scale.map(({ from, cents }) => ({
            from: String(from),
            rate: new Big(cents).div(100).toFixed(2),
          }))
          expect((await door(url, 'materials', { material, scales })).status).toBe(200)
          const reached = scales
            .filter(({ from }) => quantity.gte(from))
            .sort((a, b) => Number(b.from) - Number(a.from))[0]
          const lowest = [...scales].sort((a, b) => Number(a.from) - Number(b.from))[0]
          const rate = (reached ?? lowest)?.rate ?? '0'
          expect(await netOf(call, '10100001', material, quantity.toFixed(3))).toBe(
            quantity.times(rate).toFixed(2, Big.roundHalfUp),
          )
        }),
        { numRuns: 40 },
      )
    }))

  it('charge no tax to a customer who is exempt, and refuse a price in another currency', () =>
    withSandbox(async ({ call, url }) => {
      const { customer } = (await door(url, 'customers', { name: 'Embassy', country: 'DE', taxClass: '0' })).answer
      const { to_Item } = await simulated(call, {
        SoldToParty: customer.BusinessPartner,
        to_Item: [{ Material: 'TG11', RequestedQuantity: '1' }],
      })
      expect(to_Item.results[0].TaxAmount).toBe('0.00')
      const inDollars = question({
        TransactionCurrency: 'USD',
        to_Item: [{ Material: 'TG11', RequestedQuantity: '1' }],
      })
      const refused = await call.post(SIMULATE, inDollars)
      expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([400, 'SG/105'])
    }))
})

describe('stock', () => {
  const confirmed = (item: Loose) =>
    item.to_ScheduleLine.results.map((line: Loose) => [
      Number(/\d+/.exec(line.ConfirmedDeliveryDate)?.[0]) - today(),
      Number(line.ConfdOrderQtyByMatlAvailCheck),
    ])
  const wheels = (RequestedQuantity: string, more = {}) => ({ Material: 'TG14', RequestedQuantity, ...more })

  it('confirms what is there, then what each receipt brings, then the rest after replenishment', () =>
    withSandbox(async ({ call, url }) => {
      await door(url, 'warehouse/receipt', { material: 'TG14', quantity: '4', date: isoDay(today() + 3 * DAY) })
      await door(url, 'warehouse/receipt', { material: 'TG14', quantity: '2', date: isoDay(today() + 7 * DAY) })
      const [all] = (await simulated(call, { to_Item: [wheels('12')] })).to_Item.results
      expect(confirmed(all)).toEqual([
        [0, 5],
        [3 * DAY, 4],
        [7 * DAY, 2],
        [14 * DAY, 1],
      ])
      const later = await simulated(call, {
        to_Item: [wheels('12')],
        RequestedDeliveryDate: wireDay(today() + 20 * DAY),
      })
      expect(confirmed(later.to_Item.results[0])).toEqual([[20 * DAY, 12]])
      const at = (days: number) =>
        call.get(
          `API_PRODUCT_AVAILY_INFO_BASIC/DetermineAvailabilityAt?ATPCheckingRule='A'&Material='TG14'&SupplyingPlant='1010'&RequestedUTCDateTime=datetimeoffset'${new Date(today() + days * DAY).toISOString()}'`,
        )
      const quantities = await Promise.all([1, 3, 8].map(async day => JSON.parse((await at(day)).text)))
      expect(JSON.stringify(quantities)).toMatch(/5\.000.*9\.000.*11\.000/)
    }))

  it('promises nothing twice: an order reserves it, a delivery keeps it until goods issue takes it', () =>
    withSandbox(async ({ call, url }) => {
      const free = async () => {
        const [item] = (await simulated(call, { to_Item: [wheels('1')] })).to_Item.results
        return confirmed(item)[0][0] === 0
      }
      await call.post(orders, anOrder({ to_Item: [wheels('4')] }))
      const [item] = (await simulated(call, { to_Item: [wheels('3')] })).to_Item.results
      expect(confirmed(item)).toEqual([
        [0, 1],
        [14 * DAY, 2],
      ])
      await door(url, 'warehouse/stock', { material: 'TG14', quantity: '4' })
      expect(await free()).toBe(false)
      const created = await call.post('API_OUTBOUND_DELIVERY_SRV;v=0002/A_OutbDeliveryHeader', {
        to_DeliveryDocumentItem: [{ ReferenceSDDocument: '1', ReferenceSDDocumentItem: '10' }],
      })
      expect(created.status, created.text).toBe(201)
      expect(await free()).toBe(false)
      await door(url, 'warehouse/receipt', { material: 'TG14', quantity: '1' })
      expect(await free()).toBe(true)
    }))

  it('is kept by plant', () =>
    withSandbox(async ({ call, url }) => {
      await door(url, 'warehouse/stock', { material: 'TG14', plant: '1020', quantity: '50' })
      const { to_Item } = await simulated(call, { to_Item: [wheels('8'), wheels('8', { ProductionPlant: '1020' })] })
      expect(to_Item.results.map(confirmed)).toEqual([
        [
          [0, 5],
          [14 * DAY, 3],
        ],
        [[0, 8]],
      ])
      const nowhere = await call.post(SIMULATE, question({ to_Item: [wheels('1', { ProductionPlant: '9999' })] }))
      expect([nowhere.status, JSON.parse(nowhere.text).error.code]).toEqual([400, 'V1/385'])
    }))
})

it('answers nothing about what somebody has open in a dialog', () =>
  withSandbox(async ({ call, url }) => {
    await call.post(orders, anOrder())
    const cases = [
      [{ material: 'TG11' }, 'M3/024'],
      [{ customer: '10100001', by: 'MILLER' }, 'F2/042'],
    ] as const
    for (const [what, code] of cases) {
      await door(url, 'clerk/lock', what)
      const refused = await call.post(SIMULATE, question({ to_Item: [{ Material: 'TG11', RequestedQuantity: '1' }] }))
      expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([400, code])
      await door(url, 'clerk/lock', { ...what, free: true })
    }
    await door(url, 'clerk/lock', { salesOrder: '1' })
    const change = { CustomerPurchaseOrderType: 'X' }
    const locked = await call.patch(`${orders}('1')`, change, { 'if-match': '*' })
    expect([locked.status, JSON.parse(locked.text).error.code]).toEqual([400, 'V1/042'])
    await door(url, 'clerk/lock', { salesOrder: '1', free: true })
    expect((await call.patch(`${orders}('1')`, change, { 'if-match': '*' })).status).toBe(204)
  }))

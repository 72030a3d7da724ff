// What goes wrong: restarts, torn journals, replies that never come, and commits that come late.
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startS4Sandbox } from '../src/index.ts'
import { anOrder, Caller, door, type Loose, newFolder, ORDERS, withSandbox } from './caller.ts'

const orders = `${ORDERS}/A_SalesOrder`

describe('restarting', () => {
  it('keeps state, indexes, totals and number ranges, and cuts off a torn last line', async () => {
    const dataFolder = newFolder()
    const first = await startS4Sandbox({ port: 0, dataFolder })
    const call = new Caller(first.url)
    await call.post(
      orders,
      anOrder({ SoldToParty: '10100004', to_Item: [{ Material: 'TG12', RequestedQuantity: '1' }] }),
    )
    await door(first.url, 'warehouse/ship', { salesOrder: '1' })
    const before = (await call.get(`${orders}('1')?$expand=to_Item/to_PricingElement,to_Partner`)).d
    const journal = (await door(first.url, 'journal?limit=10000')).answer
    await first.close()
    appendFileSync(join(dataFolder, 'journal.jsonl'), '{"at":1,"by":"sandbox","changes":[["ord')

    const second = await startS4Sandbox({ port: 0, dataFolder })
    const again = new Caller(second.url)
    const plain = (d: Loose) => JSON.stringify(d).replaceAll(first.url, second.url)
    expect(plain((await again.get(`${orders}('1')?$expand=to_Item/to_PricingElement,to_Partner`)).d)).toBe(
      plain(before),
    )
    expect((await door(second.url, 'journal?limit=10000')).answer).toEqual(journal)
    const next = await again.post(
      orders,
      anOrder({ SoldToParty: '10100004', to_Item: [{ Material: 'TG12', RequestedQuantity: '1' }] }),
    )
    expect([next.d.SalesOrder, next.d.TotalCreditCheckStatus]).toEqual(['2', 'B'])
    const found = await again.get(`${orders}?$filter=PurchaseOrderByCustomer eq 'SF-1' and SoldToParty eq '10100004'`)
    expect(found.d.results).toHaveLength(2)
    await second.close()
    const lines = readFileSync(join(dataFolder, 'journal.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines.every(line => JSON.parse(line))).toBe(true)
  })

  it('has the same documents after a whole life of orders was replayed', async () => {
    const dataFolder = newFolder()
    const first = await startS4Sandbox({ port: 0, dataFolder })
    const call = new Caller(first.url)
    const item = (number: string) => `${ORDERS}/A_SalesOrderItem(SalesOrder='1',SalesOrderItem='${number}')`
    await call.post(orders, anOrder())
    await call.post(`${orders}('1')/to_Item`, { SalesOrderItem: '5', Material: 'TG13', RequestedQuantity: '7' })
    await call.post(`${orders}('1')/to_Item`, { Material: 'TG20', RequestedQuantity: '1' })
    await call.patch(item('10'), { RequestedQuantity: '9', UnderlyingPurchaseOrderItem: '0007' })
    await call.post(`${item('20')}/to_PricingElement`, { ConditionType: 'PPR0', ConditionRateValue: '1.23' })
    await call.write('DELETE', item('5'))
    await door(first.url, 'warehouse/ship', { salesOrder: '1', items: [{ item: '10', quantity: '4' }] })
    await call.patch(item('30'), { SalesDocumentRjcnReason: '10' })
    await door(first.url, 'clerk/invoice', { salesOrder: '1' })
    await door(first.url, 'clerk/pay', { billingDocument: '90000000', amount: '1.00' })
    await call.post(orders, anOrder())
    await call.write('DELETE', `${orders}('2')`, undefined, { 'if-match': '*' })
    const everything = async (url: string) => {
      const caller = new Caller(url)
      const lists = [
        `${orders}?$expand=to_Item/to_PricingElement,to_Item/to_ScheduleLine,to_Partner,to_PricingElement,to_SubsequentProcFlowDoc`,
        'API_OUTBOUND_DELIVERY_SRV/A_OutbDeliveryHeader?$expand=to_DeliveryDocumentItem',
        'API_BILLING_DOCUMENT_SRV/A_BillingDocument?$expand=to_Item',
        'API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube',
        'API_BUSINESS_PARTNER/A_BusinessPartner?$expand=to_BusinessPartnerAddress/to_EmailAddress,to_BusinessPartnerRole,to_BusinessPartnerTax,to_Customer/to_CustomerSalesArea',
        'API_CRDTMBUSINESSPARTNER/A_CreditMgmtAccount',
        'API_MATERIAL_STOCK_SRV/A_MatlStkInAcctMod',
        'API_PRODUCT_SRV/A_Product?$expand=to_Description',
      ]
      const answers = await Promise.all(lists.map(list => caller.get(list)))
      expect(answers.map(answer => answer.status)).toEqual(lists.map(() => 200))
      return answers.map(answer => answer.text.replaceAll(url, ''))
    }
    const before = await everything(first.url)
    const journal = (await door(first.url, 'journal?limit=10000')).answer
    await first.close()
    const second = await startS4Sandbox({ port: 0, dataFolder })
    expect(await everything(second.url)).toEqual(before)
    expect((await door(second.url, 'journal?limit=10000')).answer).toEqual(journal)
    expect((await door(second.url, 'warehouse/ship', { salesOrder: '1' })).status).toBe(200)
    const rest = (await door(second.url, 'clerk/invoice', { salesOrder: '1' })).answer
    expect(rest.salesOrder.OverallSDProcessStatus).toBe('C')
    await second.close()
  })

  it('says in the journal who did what, with the seed apart', () =>
    withSandbox(async ({ call, url }) => {
      await call.post(orders, anOrder())
      const { entries, last } = (await door(url, 'journal?object=A_SalesOrder')).answer
      expect(entries).toHaveLength(1)
      expect(entries[0]).toMatchObject({ kind: 'create', object: 'A_SalesOrder', id: '1', by: 'sandbox' })
      expect(entries[0].fields).toMatchObject({
        PurchaseOrderByCustomer: 'SF-1',
        SoldToParty: '10100001',
        TotalNetAmount: '787.95',
      })
      expect(entries[0].fields.items).toHaveLength(2)
      expect((await door(url, `journal?after=${last}`)).answer.entries).toEqual([])
      const all = (await door(url, 'journal?limit=10000')).answer.entries
      expect(all.map((entry: Loose) => entry.n)).toEqual(all.map((_: unknown, at: number) => at + 1))
      expect(new Set(all.slice(0, -1).map((entry: Loose) => entry.by))).toEqual(new Set(['seed']))
      expect((await door(url, 'journal?after=x')).status).toBe(400)
    }))
})

describe('faults', () => {
  const faults = (url: string, body: object) => door(url, 'faults', body, 'PUT')

  it('commits and then drops the reply', () =>
    withSandbox(async ({ call, url }) => {
      await call.get(`${ORDERS}/`, { 'x-csrf-token': 'Fetch' })
      await call.post(orders, anOrder())
      await faults(url, { commitThenDrop: { rate: 1, match: 'POST .*A_SalesOrder$' } })
      await expect(call.post(orders, anOrder({ PurchaseOrderByCustomer: 'LOST' }))).rejects.toThrow()
      expect((await call.get(`${orders}?$filter=PurchaseOrderByCustomer eq 'LOST'`)).d.results).toHaveLength(1)
      expect((await door(url, 'faults')).answer.fired).toEqual({ commitThenDrop: 1 })
    }))

  it('drops the caller at once and commits later, with the stamp of the start', () =>
    withSandbox(async ({ call, url }) => {
      await call.post(orders, anOrder())
      await faults(url, { dropThenCommit: { rate: 1, delayMs: 150, match: 'POST .*A_SalesOrder$' } })
      await expect(call.post(orders, anOrder({ PurchaseOrderByCustomer: 'LATE' }))).rejects.toThrow()
      await door(url, 'faults', undefined, 'DELETE')
      await call.post(orders, anOrder({ PurchaseOrderByCustomer: 'NEXT' }))
      const find = async () => (await call.get(`${orders}?$filter=PurchaseOrderByCustomer eq 'LATE'`)).d.results
      expect(await find()).toHaveLength(0)
      await sleep(300)
      expect(await find()).toHaveLength(1)
      const feed = await call.get(
        `${orders}?$filter=LastChangeDateTime ge datetimeoffset'2020-01-01T00:00:00Z'&$orderby=LastChangeDateTime`,
      )
      expect(feed.d.results.map((row: Loose) => row.PurchaseOrderByCustomer)).toEqual(['SF-1', 'LATE', 'NEXT'])
    }))

  it('lets a slow transaction commit after a quick one that started later', () =>
    withSandbox(async ({ call, url }) => {
      await call.post(orders, anOrder())
      await faults(url, { latency: { ms: 200, match: 'POST .*A_SalesOrder$' } })
      const slow = call.post(orders, anOrder({ PurchaseOrderByCustomer: 'SLOW' }))
      await sleep(50)
      await door(url, 'faults', undefined, 'DELETE')
      const quick = await call.post(orders, anOrder({ PurchaseOrderByCustomer: 'QUICK' }))
      const stamp = (answer: Loose) => Number(/\d+/.exec(answer.d.LastChangeDateTime)?.[0])
      expect(stamp(await slow)).toBeLessThan(stamp(quick))
      const { entries } = (await door(url, 'journal?object=A_SalesOrder')).answer
      expect(entries.map((entry: Loose) => entry.fields.PurchaseOrderByCustomer)).toEqual(['SF-1', 'QUICK', 'SLOW'])
    }))

  it('is down, limited, in maintenance, forgetful, slow or cut short on demand', () =>
    withSandbox(async ({ call, url }) => {
      await call.post(orders, anOrder())
      await faults(url, { unavailable: { rate: 1, retryAfterSeconds: 5 } })
      const down = await call.get(orders)
      expect([down.status, down.headers.get('retry-after')]).toEqual([503, '5'])
      await faults(url, { requestLimit: { forMs: 60000, retryAfterSeconds: 2 } })
      const limited = await call.get(orders)
      expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '2'])
      await faults(url, { maintenancePage: { rate: 1 } })
      const page = await call.get(orders)
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html;charset=utf-8'])
      await faults(url, { expiredSession: { rate: 1 } })
      const expired = await call.post(orders, anOrder())
      expect([expired.status, expired.headers.get('x-csrf-token')]).toEqual([403, 'Required'])
      await faults(url, { truncatedBody: { rate: 1, how: 'broken' } })
      await expect(call.get(orders)).rejects.toThrow()
      await faults(url, { truncatedBody: { rate: 1, how: 'cut' } })
      await expect(call.get(orders)).rejects.toThrow('JSON')
      await faults(url, { latency: { ms: 80 } })
      const started = Date.now()
      await call.get(orders)
      expect(Date.now() - started).toBeGreaterThanOrEqual(78)
      await faults(url, { unavailable: { rate: 1, forMs: 0 } })
      expect((await call.get(orders)).status).toBe(200)
    }))

  it('has switches that combine, go before nothing that was asked for, and are off when all is healed', () =>
    withSandbox(async ({ call, url }) => {
      const turn = (name: string, on: unknown) => door(url, `switches/${name}`, { on }, 'PUT')
      const lit = async () => (await door(url, 'switches')).answer.filter((one: Loose) => one.on)
      expect(await lit()).toEqual([])
      expect((await turn('down', true)).answer).toMatchObject({ switch: 'down', label: 'Down', on: true })
      expect((await call.get(orders)).status).toBe(503)
      await turn('maintenance', true)
      await turn('down', false)
      const page = await call.get(orders)
      expect([page.status, page.d]).toEqual([200, undefined])
      await faults(url, { maintenancePage: { rate: 0 } })
      expect((await call.get(orders)).d.results).toEqual([])
      expect((await lit()).map((one: Loose) => one.switch)).toEqual(['maintenance'])
      await door(url, 'faults', undefined, 'DELETE')
      expect(await lit()).toEqual([])
      expect((await turn('nothing', true)).status).toBe(404)
      expect((await turn('down', 'yes')).status).toBe(400)
    }))

  it('refuses faults that make no sense, and strikes alike for the same seed', () =>
    withSandbox(async ({ call, url }) => {
      for (const wrong of [
        { nope: {} },
        { latency: { ms: -1 } },
        { unavailable: { rate: 2 } },
        { latency: { match: '(' } },
        { latency: 5 },
      ]) {
        const refused = await faults(url, wrong)
        expect(refused.status, JSON.stringify(wrong)).toBe(400)
        expect(refused.answer.error).toBeTruthy()
      }
      const run = async () => {
        await faults(url, { seed: 7, unavailable: { rate: 0.5 } })
        const statuses: number[] = []
        for (let n = 0; n < 20; n++) statuses.push((await call.get(orders)).status)
        return statuses
      }
      const first = await run()
      expect(await run()).toEqual(first)
      expect(new Set(first)).toEqual(new Set([200, 503]))
    }))
})

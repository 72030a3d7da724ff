// How the interface speaks: log-on, CSRF, ETags, deep inserts, queries, pages, batches and errors.
import { describe, expect, it } from 'vitest'
import { anOrder, basic, JSON_TYPE, type Loose, ORDERS, SERVICES, withSandbox } from './caller.ts'

const orders = `${ORDERS}/A_SalesOrder`

describe('logging on and CSRF', () => {
  it('refuses a wrong password with 401', () =>
    withSandbox(async ({ url }) => {
      const response = await fetch(`${url}${SERVICES}/${orders}`, { headers: { authorization: basic('nobody') } })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toContain('Basic')
    }))

  it('refuses a write without a token, and with a token but another cookie', () =>
    withSandbox(async ({ url, call }) => {
      const fetched = await call.get(`${ORDERS}/`, { 'x-csrf-token': 'Fetch' })
      const token = fetched.headers.get('x-csrf-token') ?? ''
      const other = await call.get(`${ORDERS}/`, { 'x-csrf-token': 'Fetch' })
      const otherCookie = other.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      const send = (headers: Record<string, string>) =>
        fetch(`${url}${SERVICES}/${orders}`, {
          method: 'POST',
          headers: { authorization: basic('sandbox'), accept: JSON_TYPE, 'content-type': JSON_TYPE, ...headers },
          body: JSON.stringify(anOrder()),
        })
      for (const headers of [{}, { 'x-csrf-token': token }, { 'x-csrf-token': token, cookie: otherCookie }]) {
        const answer = await send(headers as Record<string, string>)
        expect(answer.status).toBe(403)
        expect(answer.headers.get('x-csrf-token')).toBe('Required')
      }
      const cookie = fetched.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      expect((await send({ 'x-csrf-token': token, cookie })).status).toBe(201)
    }))

  it('gives the same token again to a session that lives', () =>
    withSandbox(async ({ call }) => {
      const first = await call.get(`${ORDERS}/`, { 'x-csrf-token': 'Fetch' })
      const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      const second = await call.get(`${ORDERS}/`, { 'x-csrf-token': 'Fetch', cookie })
      expect(second.headers.get('x-csrf-token')).toBe(first.headers.get('x-csrf-token'))
      expect(second.headers.getSetCookie()).toEqual([])
    }))

  it('answers 406 to a caller that does not ask for JSON', () =>
    withSandbox(async ({ call }) => {
      expect((await call.get(orders, { accept: '*/*' })).status).toBe(406)
      expect((await call.get(`${orders}?$format=json`, { accept: '*/*' })).status).toBe(200)
    }))
})

describe('creating and changing', () => {
  it('keeps the items of a deep insert and answers 201 with Location and ETag', () =>
    withSandbox(async ({ call }) => {
      const created = await call.post(orders, anOrder())
      expect(created.status).toBe(201)
      expect(created.headers.get('location')).toMatch(/A_SalesOrder\('1'\)$/)
      expect(created.headers.get('etag')).toBe(created.d.__metadata.etag)
      expect(created.d.to_Item.results).toHaveLength(2)
      const read = await call.get(`${orders}('1')?$expand=to_Item/to_PricingElement,to_Partner`)
      expect(
        read.d.to_Item.results.map((item: Loose) => [item.SalesOrderItem, item.Material, item.RequestedQuantity]),
      ).toEqual([
        ['10', 'TG11', '5.000'],
        ['20', 'TG12', '2.000'],
      ])
      expect(read.d.to_Item.results[0].to_PricingElement.results[0].ConditionType).toBe('PPR0')
      expect(read.d.LastChangeDateTime).toMatch(/^\/Date\(\d+\+0000\)\/$/)
      expect(read.d.CreationDate).toMatch(/^\/Date\(\d+\)\/$/)
    }))

  it('keeps the item numbers and the purchase order items that the caller gave', () =>
    withSandbox(async ({ call }) => {
      const item = {
        SalesOrderItem: '15',
        UnderlyingPurchaseOrderItem: '802xx00001',
        Material: 'TG11',
        RequestedQuantity: '1',
      }
      await call.post(orders, anOrder({ to_Item: [item, { Material: 'TG12', RequestedQuantity: '1' }] }))
      const items = await call.get(`${orders}('1')/to_Item`)
      expect(items.d.results.map((each: Loose) => each.SalesOrderItem)).toEqual(['15', '20'])
      expect(items.d.results[0].UnderlyingPurchaseOrderItem).toBe('802xx00001')
    }))

  it('wants If-Match to change: 428 without, 412 with a stale one, 204 with the current one', () =>
    withSandbox(async ({ call }) => {
      const { headers } = await call.post(orders, anOrder())
      const etag = headers.get('etag') ?? ''
      const change = { PurchaseOrderByCustomer: 'SF-2' }
      expect((await call.patch(`${orders}('1')`, change)).status).toBe(428)
      const changed = await call.patch(`${orders}('1')`, change, { 'if-match': etag })
      expect(changed.status).toBe(204)
      expect((await call.patch(`${orders}('1')`, change, { 'if-match': etag })).status).toBe(412)
      const merged = await call.post(
        `${orders}('1')`,
        { CustomerPaymentTerms: '0002' },
        { 'if-match': '*', 'x-http-method': 'MERGE' },
      )
      expect(merged.status).toBe(204)
      const list = await call.get(orders)
      expect(list.d.results[0].PurchaseOrderByCustomer).toBe('SF-2')
      expect(list.d.results[0].__metadata.etag).not.toBe(etag)
    }))

  it("accepts two orders with the same reference: being unique is the caller's business", () =>
    withSandbox(async ({ call }) => {
      await call.post(orders, anOrder())
      expect((await call.post(orders, anOrder())).status).toBe(201)
      const found = await call.get(
        `${orders}?$filter=PurchaseOrderByCustomer eq 'SF-1' and SoldToParty eq '10100001'&$top=2`,
      )
      expect(found.d.results).toHaveLength(2)
    }))

  it("refuses with SAP's error body and saves nothing", () =>
    withSandbox(async ({ call }) => {
      const cases: readonly [Record<string, unknown>, string][] = [
        [{ to_Item: [{ Material: 'NOPE', RequestedQuantity: '1' }] }, 'V1/302'],
        [{ to_Item: [{ Material: 'TG11', RequestedQuantity: '0' }] }, 'V1/370'],
        [{ SoldToParty: '999' }, 'VP/199'],
        [{ DistributionChannel: '99' }, 'V1/384'],
        [{ PurchaseOrderByCustomer: 'x'.repeat(36) }, '/IWBEP/CM_MGW_RT/022'],
        [{ NoSuchField: '1' }, '/IWBEP/CM_MGW_RT/022'],
        [{ to_Item: [{ Material: 'TG11', RequestedQuantity: 5 }] }, '/IWBEP/CM_MGW_RT/022'],
      ]
      for (const [more, code] of cases) {
        const answer = await call.post(orders, anOrder(more))
        expect(answer.status, JSON.stringify(more)).toBe(400)
        const { error } = JSON.parse(answer.text)
        expect(error.code).toBe(code)
        expect(error.innererror.errordetails[0].message).toBe(error.message.value)
      }
      expect((await call.get(`${orders}/$count`)).text).toBe('0')
      expect((await call.post(orders, anOrder())).d.SalesOrder).toBe('1')
    }))
})

describe('asking', () => {
  it('filters, orders, selects, expands, skips and counts', () =>
    withSandbox(async ({ call }) => {
      for (const [reference, quantity] of [
        ['A-1', '1'],
        ['A-2', '2'],
        ["B'3", '3'],
        ['B-4', '4'],
      ]) {
        await call.post(
          orders,
          anOrder({ PurchaseOrderByCustomer: reference, to_Item: [{ Material: 'TG12', RequestedQuantity: quantity }] }),
        )
      }
      const found = async (filter: string, more = '') => {
        const answer = await call.get(`${orders}?$filter=${encodeURIComponent(filter)}&$select=SalesOrder${more}`)
        expect(answer.status, answer.text).toBe(200)
        return answer.d.results.map((row: Loose) => row.SalesOrder)
      }
      expect(await found("startswith(PurchaseOrderByCustomer,'A') or SalesOrder eq '4'")).toEqual(['1', '2', '4'])
      expect(await found("not (substringof('B',PurchaseOrderByCustomer) eq true)")).toEqual(['1', '2'])
      expect(await found("PurchaseOrderByCustomer eq 'B''3'")).toEqual(['3'])
      expect(await found('TotalNetAmount gt 350.1 and TotalNetAmount le 1050.30M')).toEqual(['2', '3'])
      expect(await found("SalesOrder eq '4' or SalesOrder eq '2'", '&$orderby=SalesOrder')).toEqual(['2', '4'])
      expect(
        await found("CreationDate ge datetime'2000-01-01T00:00:00'", '&$orderby=TotalNetAmount desc&$top=2&$skip=1'),
      ).toEqual(['3', '2'])
      const page = await call.get(
        `${orders}?$inlinecount=allpages&$top=1&$expand=to_Item/to_ScheduleLine&$select=SalesOrder,to_Item/Material,to_Item/to_ScheduleLine`,
      )
      expect(page.d.__count).toBe('4')
      expect(Object.keys(page.d.results[0].to_Item.results[0]).sort()).toEqual([
        'Material',
        '__metadata',
        'to_ScheduleLine',
      ])
      expect((await call.get(`${orders}/$count?$filter=SalesOrder ne '1'`)).text).toBe('3')
      expect((await call.get(`${orders}?$filter=Nope eq '1'`)).status).toBe(400)
      expect((await call.get(`${orders}('77')`)).status).toBe(404)
      const item = await call.get(`${ORDERS}/A_SalesOrderItem(SalesOrder='2',SalesOrderItem='10')`)
      expect(item.d.RequestedQuantity).toBe('2.000')
    }))

  it('describes each service in $metadata', () =>
    withSandbox(async ({ call }) => {
      const edmx = await call.get(`${ORDERS}/$metadata`)
      expect(edmx.headers.get('content-type')).toContain('application/xml')
      expect(edmx.text).toContain(
        '<Property Name="LastChangeDateTime" Type="Edm.DateTimeOffset" Precision="0" ConcurrencyMode="Fixed"',
      )
      expect(edmx.text).not.toContain('DeliveredQuantity"')
      expect((await call.get('API_OUTBOUND_DELIVERY_SRV;v=0002/$metadata')).status).toBe(200)
      expect((await call.get('API_NOWHERE/$metadata')).status).toBe(403)
    }))

  it('runs a changeset whole or not at all', () =>
    withSandbox(async ({ call }) => {
      const order = (reference: string, material: string) =>
        [
          '--changes',
          'Content-Type: application/http',
          'Content-Transfer-Encoding: binary',
          '',
          'POST A_SalesOrder HTTP/1.1',
          'Content-Type: application/json',
          'Accept: application/json',
          '',
          JSON.stringify(
            anOrder({ PurchaseOrderByCustomer: reference, to_Item: [{ Material: material, RequestedQuantity: '1' }] }),
          ),
          '',
        ].join('\r\n')
      const body = (second: string) =>
        [
          '--all',
          'Content-Type: multipart/mixed; boundary=changes',
          '',
          order('C-1', 'TG11') + order('C-2', second),
          '--changes--',
          '',
          '--all',
          'Content-Type: application/http',
          '',
          'GET A_SalesOrder/$count HTTP/1.1',
          '',
          '',
          '--all--',
          '',
        ].join('\r\n')
      const type = { 'content-type': 'multipart/mixed; boundary=all' }
      const failed = await call.post(`${ORDERS}/$batch`, body('NOPE'), type)
      expect(failed.status).toBe(202)
      expect(failed.text).toContain('HTTP/1.1 400')
      expect((await call.get(`${orders}/$count`)).text).toBe('0')
      const done = await call.post(`${ORDERS}/$batch`, body('TG12'), type)
      expect(done.text.match(/HTTP\/1.1 201/g)).toHaveLength(2)
      expect((await call.get(`${orders}/$count`)).text).toBe('2')
    }))
})

describe('the poll feed', () => {
  it('pages with __next and shows every change since a moment, in order', () =>
    withSandbox(async ({ call }) => {
      const small = anOrder({ to_Item: [{ Material: 'TG13', RequestedQuantity: '1' }] })
      for (let n = 0; n < 1205; n += 20) {
        await Promise.all(Array.from({ length: Math.min(20, 1205 - n) }, () => call.post(orders, small)))
      }
      const seen: string[] = []
      const stamps: number[] = []
      let next: string | undefined =
        `${orders}?$filter=LastChangeDateTime ge datetimeoffset'2020-01-01T00:00:00Z'&$orderby=LastChangeDateTime&$select=SalesOrder,LastChangeDateTime`
      while (next) {
        const page: Loose = await call.get(next)
        for (const row of page.d.results) {
          seen.push(row.SalesOrder)
          stamps.push(Number(/\d+/.exec(row.LastChangeDateTime)?.[0]))
        }
        next = page.d.__next?.split(`${SERVICES}/`)[1]
      }
      expect(new Set(seen).size).toBe(1205)
      expect(seen).toHaveLength(1205)
      expect(stamps).toEqual([...stamps].sort((a, b) => a - b))
      const keyed: string[] = []
      let after = `LastChangeDateTime ge datetimeoffset'2020-01-01T00:00:00Z'`
      for (;;) {
        const page = await call.get(
          `${orders}?$filter=${after}&$orderby=LastChangeDateTime,SalesOrder&$top=100&$select=SalesOrder,LastChangeDateTime`,
        )
        const last = page.d.results.at(-1)
        if (!last) break
        keyed.push(...page.d.results.map((row: Loose) => row.SalesOrder))
        const stamp = `datetimeoffset'${new Date(Number(/\d+/.exec(last.LastChangeDateTime)?.[0])).toISOString()}'`
        after = `LastChangeDateTime gt ${stamp} or (LastChangeDateTime eq ${stamp} and SalesOrder gt '${last.SalesOrder}')`
      }
      expect(keyed).toEqual(seen)
      const from = new Date((stamps.at(-1) ?? 0) + 1).toISOString()
      await call.patch(`${orders}('7')`, { CustomerPaymentTerms: '0009' }, { 'if-match': '*' })
      const later = await call.get(
        `${orders}?$filter=LastChangeDateTime ge datetimeoffset'${from}'&$orderby=LastChangeDateTime`,
      )
      expect(later.d.results.map((row: Loose) => row.SalesOrder)).toEqual(['7'])
    }))
})

// Days from the ERP to sales, with every process in a zone where midnight of UTC is another day.
import { expect, test, vi } from 'vitest'
import { newAccount, newProduct, newQuote, startWorld, until } from './world.ts'

const usual = process.env.TZ

test.each([
  ['Pacific/Kiritimati', -840],
  ['America/St_Johns', 210],
])(
  '%s: goods left and were invoiced on the same day in both systems',
  async (zone, offset) => {
    process.env.TZ = zone
    // The project reads the addresses of its systems when it is loaded.
    vi.resetModules()
    expect(new Date(2026, 0, 15).getTimezoneOffset()).toBe(offset)
    const world = await startWorld()
    try {
      const account = await newAccount(world.org, 'Day and Night', '10100001')
      const product = await newProduct(world.org, 'Clock', 'TG11')
      const { number } = await newQuote(world.org, account, [{ product, quantity: 1, price: 17.55 }])
      const salesOrder = await until(async () => {
        const [row] = (await world.org.query(`SELECT ERP_Order_Number__c FROM Order WHERE PoNumber = '${number}'`))
          .records
        return typeof row?.ERP_Order_Number__c === 'string' && row.ERP_Order_Number__c
      })
      await world.inS4('warehouse/ship', { salesOrder })
      await world.inS4('clerk/invoice', { salesOrder })

      const shown = async (object: string, field: string) =>
        (await world.org.query(`SELECT ${field} FROM ${object} WHERE ${field} != null`)).records[0]?.[field]
      const [shipped, invoiced] = await Promise.all([
        until(() => shown('Shipment__c', 'Shipped_On__c')),
        until(() => shown('Invoice__c', 'Invoice_Date__c')),
      ])
      expect(shipped).toBe(
        await inS4(world.s4.url, 'API_OUTBOUND_DELIVERY_SRV;v=0002/A_OutbDeliveryHeader', 'ActualGoodsMovementDate'),
      )
      expect(invoiced).toBe(
        await inS4(world.s4.url, 'API_BILLING_DOCUMENT_SRV/A_BillingDocument', 'BillingDocumentDate'),
      )
    } finally {
      await world.close()
      if (usual === undefined) delete process.env.TZ
      else process.env.TZ = usual
    }
  },
  90_000,
)

/** The day as the ERP has it, counted by hand from its milliseconds. */
async function inS4(url: string, path: string, field: string): Promise<string> {
  const answer = await fetch(
    `${url}/sap/opu/odata/sap/${path}?$format=json&$filter=${field} ne null`.replaceAll(' ', '%20'),
    {
      headers: {
        authorization: `Basic ${Buffer.from('sandbox:sandbox').toString('base64')}`,
        accept: 'application/json',
      },
    },
  )
  const { d } = (await answer.json()) as { d: { results: Record<string, string>[] } }
  const ms = Number(/\d+/.exec(d.results[0]?.[field] ?? '')?.[0])
  let days = ms / 86_400_000
  expect(Number.isInteger(days)).toBe(true)
  let year = 1970
  const lengthOf = (of: number): number => (of % 4 === 0 && (of % 100 !== 0 || of % 400 === 0) ? 366 : 365)
  for (; days >= lengthOf(year); year++) days -= lengthOf(year)
  const months = [31, lengthOf(year) - 337, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  let month = 0
  for (; days >= (months[month] ?? 31); month++) days -= months[month] ?? 31
  return [year, month + 1, days + 1].map(part => String(part).padStart(2, '0')).join('-')
}

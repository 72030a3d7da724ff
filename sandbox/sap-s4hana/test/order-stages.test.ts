// What may still be changed of an order, stage by stage.
import { describe, expect, it } from 'vitest'
import { anOrder, door, ORDERS, withSandbox } from './caller.ts'

const orders = `${ORDERS}/A_SalesOrder`

describe('an order that is under way', () => {
  it('takes of each change what is not over yet: sent, billed and closed things stay as they are', () =>
    withSandbox(async ({ call, url }) => {
      await call.post(orders, anOrder())
      const at = `${orders}('1')`
      const shipTo = `${ORDERS}/A_SalesOrderHeaderPartner(SalesOrder='1',PartnerFunction='SH')`
      const price = `${ORDERS}/A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')/to_PricingElement`
      const condition = (rate: string) => ({
        ...{ ConditionType: 'PMP0', ConditionRateValue: rate, ConditionCurrency: 'EUR', ConditionQuantity: '1' },
      })
      const header = (fields: object) => call.write('PATCH', at, fields, { 'if-match': '*' })
      const all = async () => {
        const said = [
          await header({ PurchaseOrderByCustomer: 'PO' }),
          await header({ CustomerPaymentTerms: 'NT30' }),
          await header({ RequestedDeliveryDate: '/Date(1893456000000)/' }),
          await header({ DeliveryBlockReason: '02' }),
          await header({ DeliveryBlockReason: '' }),
          await call.patch(shipTo, { Customer: '10100002' }),
          await call.post(price, condition('7.00')),
        ]
        await header({ CustomerPaymentTerms: '0001', RequestedDeliveryDate: '/Date(1893542400000)/' })
        return said.map(({ status, text }) => (status < 300 ? 'done' : JSON.parse(text).error.code))
      }
      expect(await all()).toEqual(['done', 'done', 'done', 'done', 'done', 'done', 'done'])
      expect((await call.get(shipTo)).d.Customer).toBe('10100002')
      await door(url, 'warehouse/ship', { salesOrder: '1', items: [{ item: '10', quantity: '3' }] })
      expect(await all()).toEqual(['done', 'done', 'done', 'done', 'done', 'VP/114', 'done'])
      await door(url, 'warehouse/ship', { salesOrder: '1' })
      const delivered = ['done', 'done', 'V1/047', 'V1/048', 'done', 'VP/114', 'done']
      expect(await all()).toEqual(delivered)
      await door(url, 'clerk/invoice', { salesOrder: '1' })
      expect(new Set(await all())).toEqual(new Set(['V1/041']))
    }))
})

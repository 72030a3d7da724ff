// What a sales person does in Salesforce, with nothing but jsforce.
import { Connection } from '@jsforce/jsforce-node'

export type Offer = {
  /** The account's number. */
  readonly customer: string
  readonly product: string
  readonly quantity: number
  readonly price: number
  /** In an org that keeps several. */
  readonly currency?: string
}

export async function salespersonAt(port: number) {
  const org = new Connection({
    oauth2: {
      loginUrl: `http://127.0.0.1:${port}`,
      clientId: 'sandbox-admin',
      clientSecret: 'sandbox-admin-secret',
    },
    version: '67.0',
  })
  await org.authorize({ grant_type: 'client_credentials' })
  const one = async (soql: string): Promise<string> => String((await org.query(soql)).records[0]?.Id)
  const create = async (object: string, row: Record<string, unknown>): Promise<string> => {
    const saved = await org.sobject(object).create(row)
    if (!saved.success) throw new Error(JSON.stringify(saved.errors))
    return saved.id
  }
  return {
    org,
    /** Answers the quote's number. */
    async acceptQuote({ customer, product, quantity, price, currency }: Offer): Promise<string> {
      const AccountId = await one(`select Id from Account where AccountNumber = '${customer}'`)
      const Pricebook2Id = await one('select Id from Pricebook2 where IsStandard = true')
      const PricebookEntryId = await one(`select Id from PricebookEntry where ProductCode = '${product}'`)
      const inCurrency = currency && { CurrencyIsoCode: currency }
      const OpportunityId = await create('Opportunity', {
        ...{ Name: product, AccountId, StageName: 'Prospecting', CloseDate: '2030-12-31', Pricebook2Id },
        ...inCurrency,
      })
      const QuoteId = await create('Quote', { Name: product, OpportunityId, Pricebook2Id, ...inCurrency })
      await create('QuoteLineItem', { QuoteId, PricebookEntryId, Quantity: quantity, UnitPrice: price })
      await org.sobject('Quote').update({ Id: QuoteId, Status: 'Accepted' })
      return String((await org.sobject('Quote').retrieve(QuoteId)).QuoteNumber)
    },
  }
}

// A sales person works with Salesforce's own command line: what they accept there becomes an order.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { newSfCli, type SfCli } from '../../test/support/sf-cli.ts'
import { newAccount, newProduct, startWorld, until, type World } from './world.ts'

// A command takes seconds, and a busy machine longer.
vi.setConfig({ testTimeout: 240_000 })

let world: World
let sf: SfCli

beforeAll(async () => {
  sf = await newSfCli()
  world = await startWorld()
}, 600_000)

afterAll(async () => {
  await world?.close()
  sf?.remove()
})

async function create(object: string, values: Readonly<Record<string, string | number>>): Promise<string> {
  const text = Object.entries(values).map(([name, value]) => `${name}='${value}'`)
  const { json } = await sf.run('data', 'create', 'record', '--sobject', object, '--values', text.join(' '), '--json')
  expect(json).toMatchObject({ status: 0 })
  return json.result.id
}

async function idOf(soql: string): Promise<string> {
  return String((await world.org.query(soql)).records[0]?.Id)
}

test('a quote made and accepted with sf becomes an order in both systems', async () => {
  const product = await newProduct(world.org, 'Gear', 'TG11')
  const AccountId = await newAccount(world.org, 'Acme', '10100001')
  const { code } = await sf
    .withEnvironment({ SF_ACCESS_TOKEN: world.org.accessToken ?? '' })
    .run('org', 'login', 'access-token', '--instance-url', world.salesforce.url, '--no-prompt', '--set-default')
  expect(code).toBe(0)
  const Pricebook2Id = await idOf('SELECT Id FROM Pricebook2 WHERE IsStandard = true')
  const PricebookEntryId = await idOf(`SELECT Id FROM PricebookEntry WHERE Product2Id = '${product}'`)
  const deal = { Name: 'Deal', StageName: 'Prospecting', CloseDate: '2030-12-31', AccountId, Pricebook2Id }
  const OpportunityId = await create('Opportunity', deal)
  const QuoteId = await create('Quote', { Name: 'Quote', OpportunityId, Pricebook2Id })
  await create('QuoteLineItem', { QuoteId, PricebookEntryId, Quantity: 3, UnitPrice: 17.55 })
  const accepted = ['--sobject', 'Quote', '--record-id', QuoteId, '--values', 'Status=Accepted']
  expect(await sf.run('data', 'update', 'record', ...accepted)).toMatchObject({ code: 0 })
  const { QuoteNumber } = await world.org.sobject('Quote').retrieve(QuoteId)
  const booked = await until(async () => {
    const entries = await world.journal(world.s4, 'A_SalesOrder')
    return entries.find(entry => entry.fields.PurchaseOrderByCustomer === QuoteNumber)
  }, 60_000)
  expect(booked.fields).toMatchObject({ SoldToParty: '10100001' })
  const order = await until(async () => {
    const { records } = await world.org.query(`SELECT ERP_Order_Number__c FROM Order WHERE AccountId = '${AccountId}'`)
    return records.find(record => record.ERP_Order_Number__c)
  }, 60_000)
  expect(JSON.stringify(booked)).toContain(String(order.ERP_Order_Number__c))
})

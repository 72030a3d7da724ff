// A sandbox with a small quote-to-cash org, the unmodified clients against it, and the things a test says most often.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection } from '@jsforce/jsforce-node'
import { onTestFinished } from 'vitest'
import { type SalesforceSandbox, type SandboxOptions, startSalesforceSandbox } from '../src/index.ts'

const ref = { type: 'string', length: 64, externalId: true, unique: true }

export const METADATA = {
  objects: {
    Invoice__c: {
      label: 'Invoice',
      nameField: { type: 'autoNumber', format: 'INV-{00000}' },
      fields: {
        Plumbline_Ref__c: ref,
        Order__c: { type: 'reference', referenceTo: 'Order' },
        Amount__c: { type: 'currency', precision: 18, scale: 2 },
        Due__c: { type: 'date' },
        Paid__c: { type: 'boolean' },
      },
    },
    Invoice_Line__c: {
      label: 'Invoice Line',
      nameField: { type: 'text' },
      fields: {
        Invoice__c: { type: 'masterDetail', referenceTo: 'Invoice__c' },
        Note__c: { type: 'longtextarea', length: 32000 },
      },
    },
    Account: { fields: { Plumbline_Ref__c: ref, Legacy__c: { type: 'string', length: 80, externalId: true } } },
    Quote: { fields: { Plumbline_Ref__c: ref } },
    QuoteLineItem: { fields: { Plumbline_Ref__c: ref } },
    Order: {
      fields: { Plumbline_Ref__c: ref },
      picklists: { Status: [{ value: 'Shipped', statusCode: 'Activated' }] },
    },
  },
  channels: { Plumbline__chn: ['Account', 'Quote', 'Order', 'Invoice__c'] },
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'salesforce-sandbox-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export async function startSandbox(options: Partial<SandboxOptions> = {}): Promise<SalesforceSandbox> {
  const sandbox = await startSalesforceSandbox({
    port: 0,
    pubsubPort: 0,
    dataFolder: options.dataFolder ?? newFolder(),
    metadata: METADATA,
    ...options,
  })
  onTestFinished(() => sandbox.close())
  return sandbox
}

export async function login(sandbox: { readonly url: string }, callOptions?: { client: string }): Promise<Connection> {
  const connection = new Connection({
    version: '67.0',
    oauth2: { clientId: 'sandbox-admin', clientSecret: 'sandbox-admin-secret', loginUrl: sandbox.url },
    ...(callOptions ? { callOptions } : {}),
  })
  await connection.authorize({ grant_type: 'client_credentials' })
  return connection
}

/** A plain call, for what jsforce does not offer. */
export async function call(
  connection: Connection,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Json; headers: Headers }> {
  const response = await fetch(
    `${connection.instanceUrl}${path.startsWith('/services') ? path : `/services/data/v67.0${path}`}`,
    {
      method,
      headers: { authorization: `Bearer ${connection.accessToken}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
  )
  const text = await response.text()
  return { status: response.status, body: text ? JSON.parse(text) : undefined, headers: response.headers }
}

export async function sandboxCall(
  sandbox: { readonly url: string },
  method: string,
  path: string,
  body?: unknown,
): Promise<Json> {
  const response = await fetch(`${sandbox.url}/_sandbox/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer: Json = await response.json()
  return { status: response.status, ...answer }
}

/** What JSON from outside is to a test: looked into, not typed. */
export type Json = ReturnType<typeof JSON.parse>

export type Catalogue = { accountId: string; opportunityId: string; pricebookId: string; entryIds: string[] }

/** An account with an opportunity, and products with a standard price. */
export async function sellSomething(connection: Connection, products = 3): Promise<Catalogue> {
  const book = await connection.query<{ Id: string }>('SELECT Id FROM Pricebook2 WHERE IsStandard = true')
  const pricebookId = book.records[0]?.Id ?? ''
  const create = async (type: string, record: Record<string, unknown>) => {
    const made = await connection.sobject(type).create(record)
    return made.id ?? ''
  }
  const accountId = await create('Account', { Name: 'Acme' })
  const opportunityId = await create('Opportunity', {
    Name: 'Big deal',
    AccountId: accountId,
    StageName: 'Prospecting',
    CloseDate: '2026-12-31',
    Pricebook2Id: pricebookId,
  })
  const entryIds: string[] = []
  for (let i = 0; i < products; i++) {
    const productId = await create('Product2', { Name: `Product ${i}`, ProductCode: `P-${i}`, IsActive: true })
    entryIds.push(
      await create('PricebookEntry', {
        Pricebook2Id: pricebookId,
        Product2Id: productId,
        UnitPrice: 10 + i,
        IsActive: true,
      }),
    )
  }
  return { accountId, opportunityId, pricebookId, entryIds }
}

export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined, withinMs = 5000): Promise<T> {
  const until = Date.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > until) throw new Error(`Nothing was found within ${withinMs} ms`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

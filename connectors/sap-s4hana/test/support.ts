// A sandbox of S/4HANA with the connector on it, and the people who work there.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { startS4Sandbox } from '@plumbline/sandbox-sap-s4hana'
import type { Fields, Heard, Host, NativeId, ObjectSpec, Observation, Write, WriteEnd } from '@plumbline/sdk'
import { type S4Api, sapS4 } from '../src/index.ts'

/** How many calls are under way, and the most there were at once. */
export const underWay = { now: 0, most: 0 }

const host: Host = {
  async fetch(input, init) {
    underWay.most = Math.max(underWay.most, ++underWay.now)
    try {
      return await fetch(input, init)
    } finally {
      underWay.now--
    }
  },
  now: () => Date.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
  uuid: () => crypto.randomUUID(),
  log: () => {},
}

export const native = (id: string) => id as NativeId
export const eur = (amount: string) => ({ amount, currency: 'EUR' })

export async function startSystem(more: { pollEvery?: string; overlap?: string } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 's4-'))
  const sandbox = await startS4Sandbox({ port: 0, dataFolder: folder })
  const settings = {
    url: sandbox.url,
    user: 'sandbox',
    password: 'sandbox',
    keyField: 'PurchaseOrderByCustomer',
    salesArea: '1010/10/00',
    plant: '1010',
    pollEvery: more.pollEvery ?? '20',
    overlap: more.overlap ?? '5000',
  }
  const api = await sapS4.spec.connect(settings, host)
  const door = async (
    path: string,
    body: unknown = {},
    method = 'POST',
  ): Promise<Record<string, Record<string, string>>> => {
    const response = await fetch(`${sandbox.url}/_sandbox/${path}`, { method, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return JSON.parse(await response.text())
  }
  return {
    sandbox,
    settings,
    api,
    door,
    faults: (body: unknown) => door('faults', body, 'PUT'),
    calm: () => door('faults', {}, 'PUT'),
    close: async () => {
      await sandbox.close()
      await rm(folder, { recursive: true })
    },
  }
}
export type System = Awaited<ReturnType<typeof startSystem>>

export const orders: ObjectSpec<S4Api, Fields> = sapS4.objects.SalesOrder as never

export function newOrder(
  key: string,
  reference: string,
  items: readonly { product: string; quantity: number; price?: string }[] = [
    { product: 'TG11', quantity: 5, price: '350.10' },
  ],
): Write {
  return {
    key,
    fields: {
      SalesOrderType: 'OR',
      SalesOrganization: '1010',
      DistributionChannel: '10',
      OrganizationDivision: '00',
      SoldToParty: native('10100001'),
      PurchaseOrderByCustomer: reference,
    },
    lists: {
      to_Item: {
        add: items.map(({ product, quantity, price }, at) => ({
          UnderlyingPurchaseOrderItem: `l${at + 1}`,
          Material: product,
          RequestedQuantity: quantity,
          ...(price && { NetPriceAmount: eur(price) }),
        })),
        change: [],
        remove: [],
      },
    },
  }
}

export async function write(api: S4Api, one: Write): Promise<WriteEnd> {
  const [end] = (await orders.write?.(api, [one])) ?? []
  if (!end) throw new Error('no end')
  return end
}

export async function book(api: S4Api, reference: string, items?: Parameters<typeof newOrder>[2]) {
  const end = await write(api, newOrder(reference, reference, items))
  if (end.end !== 'written') throw new Error(JSON.stringify(end))
  return end
}

/** Listens until `enough` says so; hands back what was heard and the last cursor. */
export async function listen(
  system: System,
  from: { cursor?: string; objects: readonly string[] },
  enough: (heard: readonly Observation[]) => boolean,
  during: () => Promise<unknown> = async () => {},
) {
  const stopping = new AbortController()
  const timeout = AbortSignal.any([stopping.signal, AbortSignal.timeout(8_000)])
  const heard: Observation[] = []
  const unreadable: unknown[] = []
  let cursor = from.cursor
  let ready = () => {}
  const started = new Promise<void>(resolve => {
    ready = resolve
  })
  const acted = started.then(during)
  const feed = sapS4.spec.follow?.(system.api, {
    ...from,
    specs: sapS4.objects as never,
    signal: timeout,
  }) as AsyncIterable<Heard>
  if (from.cursor !== undefined) ready()
  for await (const batch of feed) {
    ready()
    cursor = batch.cursor
    for (const one of batch.heard) 'unreadable' in one ? unreadable.push(one) : heard.push(one)
    if (enough(heard)) stopping.abort()
  }
  await acted
  return { heard, cursor: cursor ?? '', unreadable, wasEnough: enough(heard) }
}

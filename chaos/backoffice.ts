// The people behind the ERP: they ship, invoice and book payments for a share of the orders, as the journal shows them.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Random, randomOf } from '../test/support/random.ts'
import { Journal, rowsIn } from './journal.ts'

export type BackOffice = {
  /** Everything that came so far is done; nothing more is begun. */
  stop(): Promise<void>
}
type Task = readonly [door: string, body: Record<string, unknown>]

export function openBackOffice(url: string, seed: number): BackOffice {
  const journal = new Journal(url)
  let open = true
  const work = async (): Promise<number> => {
    const tasks = (await journal.readOn()).flatMap(({ kind, object, id }): Task[] => {
      const random = randomOf(seed, `${object} ${id}`)
      if (kind !== 'create') return []
      if (object === 'A_SalesOrder' && random() < 0.5) return [['warehouse/ship', { salesOrder: id }]]
      if (object === 'A_OutbDeliveryHeader') return invoiceFor(journal, id, random)
      if (object === 'A_BillingDocument' && random() < 0.6) return [['clerk/pay', { billingDocument: id }]]
      return []
    })
    for (const [door, body] of tasks) await ask(url, door, body)
    return tasks.length
  }
  const working = (async () => {
    while (open) if ((await work()) === 0) await sleep(250)
    // Invoices and payments that follow from the last shipments.
    while ((await work()) > 0);
  })()
  // Told to whoever stops it.
  working.catch(() => undefined)
  return {
    stop: () => {
      open = false
      return working
    },
  }
}

function invoiceFor(journal: Journal, delivery: string, random: Random): Task[] {
  if (random() >= 0.7) return []
  const created = journal.entries.findLast(entry => entry.object === 'A_OutbDeliveryHeader' && entry.id === delivery)
  const order = rowsIn(created?.fields.items)[0]?.ReferenceSDDocument
  return order === undefined ? [] : [['clerk/invoice', { salesOrder: order }]]
}

async function ask(url: string, door: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/_sandbox/${door}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`The ERP's ${door} refuses ${JSON.stringify(body)}: ${await answer.text()}`)
}

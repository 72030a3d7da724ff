/** One line for each business event, as it happens. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AnnouncedEvent, EventPage } from '@plumbline/engine'
import type { Admin } from '../admin.ts'
import { duration, money } from '../print.ts'

const LOOK_EVERY_MS = 250

/** Follows the engine's events from now on, until the signal aborts. A pause of the engine is a pause here. */
export async function narrate(
  admin: Admin,
  tell: (sentence: string, event: AnnouncedEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  let after: number | 'now' = 'now'
  while (!signal.aborted) {
    const page: EventPage | undefined = await admin
      .get<EventPage>('/api/events', { after, limit: 200 })
      .catch(() => undefined)
    for (const event of page?.events ?? []) {
      const sentence = sentenceOf(event)
      if (sentence) tell(sentence, event)
    }
    after = page?.next ?? after
    if ((page?.events.length ?? 0) === 0) await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}

type Data = AnnouncedEvent['data']

/** Nothing for what people need not see go by. */
function sentenceOf({ type, data }: Pick<AnnouncedEvent, 'type' | 'data'>): string | undefined {
  switch (type) {
    case 'journey.checkpoint':
      return data.workflow === 'quote-to-cash' ? orderSentence(data) : `${data.title}: ${data.checkpoint}`
    case 'task.asked':
      return `The ${data.desk} is asked: ${data.question} (plumb answer ${data.task} …)`
    case 'task.escalated':
      return `The ${data.to} is asked too: ${data.question}`
    case 'task.answered':
      return `${data.by} answers "${data.answer}" for the ${data.desk}: ${data.question}`
    case 'system.paused':
    case 'system.resumed':
      return String(data.sentence)
    case 'journey.stopped':
      return `${data.title} was stopped: ${data.reason}`
    case 'record.changed':
      return data.contract === 'invoice' && data.version === 1 ? invoiceSentence(data) : undefined
    default:
      return undefined
  }
}

function orderSentence(data: Data): string | undefined {
  const order = `order ${openedNumber(data) ?? 'without a number'}`
  switch (data.checkpoint) {
    case 'Booked':
      return `${data.title} accepted → ${order} booked in ${duration(Number(data.sinceStartMs))}`
    case 'Shipped':
      return `O${order.slice(1)} shipped`
    case 'Paid':
      return `O${order.slice(1)} paid, ${duration(Number(data.sinceStartMs))} after the quote was accepted`
    default:
      return undefined
  }
}

function openedNumber({ opened }: Data): string | undefined {
  if (!Array.isArray(opened)) return undefined
  const order: unknown = opened.find(
    (one: unknown) => typeof one === 'object' && one !== null && 'number' in one && one.number !== null,
  )
  return typeof order === 'object' && order !== null && 'number' in order ? String(order.number) : undefined
}

function invoiceSentence({ title, fields }: Data): string {
  const gross: unknown = typeof fields === 'object' && fields !== null && 'gross' in fields ? fields.gross : undefined
  if (typeof gross !== 'object' || gross === null || !('amount' in gross) || !('currency' in gross))
    return String(title)
  return `${title} over ${money({ amount: String(gross.amount), currency: String(gross.currency) })}`
}

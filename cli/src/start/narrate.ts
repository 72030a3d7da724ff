/** One line for each business event, as it happens. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AnnouncedEvent, EventPage, Explained, SystemLine, Systems } from '@plumbline/engine'
import type { Admin } from '../admin.ts'
import { duration, money } from '../print.ts'

const LOOK_EVERY_MS = 250

/** Follows the engine's events from now on, until the signal aborts. A pause of the engine is a pause here. */
export async function narrate(
  admin: Admin,
  tell: (sentence: string, event: AnnouncedEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const where = whereIn(admin)
  let after: number | 'now' = 'now'
  while (!signal.aborted) {
    const page: EventPage | undefined = await admin
      .get<EventPage>('/api/events', { after, limit: 200 })
      .catch(() => undefined)
    for (const event of page?.events ?? []) {
      const sentence = await sentenceOf(event, where)
      if (sentence) tell(sentence, event)
    }
    after = page?.next ?? after
    if ((page?.events.length ?? 0) === 0) await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}

type Data = AnnouncedEvent['data']

/** " in us", of a record that is in one of several ERPs; nothing where there is one. */
type Where = (ref: unknown) => Promise<string>

function whereIn(admin: Admin): Where {
  let erps: ReadonlySet<string> | undefined
  const look = async (ref: unknown): Promise<string> => {
    erps ??= new Set((await admin.get<Systems>('/api/systems')).systems.flatMap(erpNamed))
    if (erps.size < 2 || typeof ref !== 'string') return ''
    const record = await admin.get<Explained>(`/api/records/${encodeURIComponent(ref)}`)
    const there = record.systems.find(({ system, nativeId }) => erps?.has(system) && nativeId !== null)
    return there ? ` in ${there.system}` : ''
  }
  // What happened is told in any case.
  return ref => look(ref).catch(() => '')
}

const erpNamed = ({ role, system }: SystemLine): string[] => (role === 'erp' ? [system] : [])

/** Nothing for what people need not see go by. */
async function sentenceOf({ type, subject, data }: AnnouncedEvent, where: Where): Promise<string | undefined> {
  switch (type) {
    case 'journey.checkpoint':
      return data.workflow === 'quote-to-cash'
        ? orderSentence(data, await where(opened(data)?.ref))
        : `${data.title}: ${data.checkpoint}`
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
      return data.contract === 'invoice' && data.version === 1
        ? `${invoiceSentence(data)}${await where(subject)}`
        : undefined
    default:
      return undefined
  }
}

function orderSentence(data: Data, where: string): string | undefined {
  const order = `order ${opened(data)?.number ?? 'without a number'}`
  switch (data.checkpoint) {
    case 'Booked':
      return `${data.title} accepted → ${order} booked${where} in ${duration(Number(data.sinceStartMs))}`
    case 'Shipped':
      return `O${order.slice(1)} shipped${where}`
    case 'Paid':
      return `O${order.slice(1)} paid${where}, ${duration(Number(data.sinceStartMs))} after the quote was accepted`
    default:
      return undefined
  }
}

/** What the journey opened and has a number by now. */
function opened(data: Data): { readonly ref: unknown; readonly number: unknown } | undefined {
  if (!Array.isArray(data.opened)) return undefined
  const all: readonly unknown[] = data.opened
  const isNumbered = (one: unknown): one is { ref: unknown; number: unknown } =>
    typeof one === 'object' && one !== null && 'ref' in one && 'number' in one && one.number !== null
  return all.find(isNumbered)
}

function invoiceSentence({ title, fields }: Data): string {
  const gross: unknown = typeof fields === 'object' && fields !== null && 'gross' in fields ? fields.gross : undefined
  if (typeof gross !== 'object' || gross === null || !('amount' in gross) || !('currency' in gross))
    return String(title)
  return `${title} over ${money({ amount: String(gross.amount), currency: String(gross.currency) })}`
}

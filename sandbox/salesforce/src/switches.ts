// Faults under names that people understand: each a switch, on or off. They combine, and a restart turns all off.
import type { FaultName } from './fault-plan.ts'

export type Switch = {
  readonly switch: string
  readonly label: string
  readonly says: string
  /** The faults it stands for, as PUT /_sandbox/faults takes them. */
  readonly faults: Readonly<Partial<Record<FaultName, object>>>
}

/** People who work in Salesforce have sessions of their own and use none of the API's allowance. */
const programs = '^(?!sales-people$)'

/** Where two stand for the same fault, the later one counts. */
export const switches: readonly Switch[] = [
  {
    switch: 'down',
    label: 'Down',
    says: 'Salesforce answers nobody: 503 to every call, and the event streams are cut.',
    faults: { unavailable: { rate: 1 } },
  },
  {
    switch: 'slow',
    label: 'Slow',
    says: 'Each call takes two to four seconds.',
    faults: { latency: { ms: 3_000, jitterMs: 1_000 } },
  },
  {
    switch: 'session-expires',
    label: 'Sessions expire',
    says: 'All sessions of programs end every ten seconds, those of the event streams too. Logging in again works.',
    faults: { expiredSession: { everyMs: 10_000, by: programs } },
  },
  {
    switch: 'sessions-refused',
    label: 'Sessions refused',
    says: 'Every login of a program is accepted and every session refused, as when the integration user lost its rights.',
    faults: { refused: { what: 'sessions', by: programs } },
  },
  {
    switch: 'concurrent-limit',
    label: 'Too many calls at once',
    says: 'Each call takes half a second, and of more than three at once the rest are refused.',
    faults: {
      requestLimit: { kind: 'concurrent', atOnce: 3, by: programs },
      latency: { ms: 500, jitterMs: 200, by: programs },
    },
  },
  {
    switch: 'daily-limit',
    label: 'Daily limit reached',
    says: "The day's allowance of API calls is used up. Events still arrive.",
    faults: { requestLimit: { kind: 'daily', by: programs } },
  },
  {
    switch: 'maintenance',
    label: 'Maintenance page',
    says: 'Every call is answered 200 with a web page that speaks of maintenance.',
    faults: { maintenancePage: { rate: 1 } },
  },
  {
    switch: 'events-in-disorder',
    label: 'Events twice and out of order',
    says: 'Three events in ten come twice, three in ten are overtaken by up to nine later ones.',
    faults: { events: { duplicateRate: 0.3, reorderRate: 0.3, reorderWindow: 10 } },
  },
  {
    switch: 'streams-cut',
    label: 'Event streams break off',
    says: 'One batch of events in five is the last of its stream.',
    faults: { pubsub: { disconnectRate: 0.2 } },
  },
  {
    switch: 'lost-replies',
    label: 'Replies get lost',
    says: 'Three writes in ten are done, and nobody hears of it.',
    faults: { commitThenDrop: { rate: 0.3, by: programs } },
  },
  {
    switch: 'commits-late',
    label: 'Writes arrive late',
    says: 'Three writes in ten break off, and are done three seconds later all the same.',
    faults: { dropThenCommit: { rate: 0.3, delayMs: 3_000, by: programs } },
  },
  {
    switch: 'cut-bodies',
    label: 'Answers cut short',
    says: 'Three answers in ten end in the middle, after what was asked for has been done.',
    faults: { truncatedBody: { rate: 0.3, by: programs } },
  },
]

// Faults under names that people understand: each a switch, on or off. They combine, and a restart turns all off.
import type { FaultName } from './fault-plan.ts'

export interface Switch {
  readonly switch: string
  readonly label: string
  readonly says: string
  /** The faults it stands for, as PUT /_sandbox/faults takes them. */
  readonly faults: Readonly<Partial<Record<FaultName, object>>>
}

export const switches: readonly Switch[] = [
  {
    switch: 'down',
    label: 'Down',
    says: 'The consent service answers nobody: 503 to every call.',
    faults: { unavailable: {} },
  },
  {
    switch: 'slow',
    label: 'Slow',
    says: 'Each call takes two to four seconds.',
    faults: { latency: { ms: 2_000, jitterMs: 2_000 } },
  },
  {
    switch: 'too-many-calls',
    label: 'Too many calls',
    says: 'Half of the calls are refused with 429 and "come back in two seconds".',
    faults: { requestLimit: { rate: 0.5, retryAfterSeconds: 2 } },
  },
  {
    switch: 'key-revoked',
    label: 'Key revoked',
    says: 'Every call is refused with 401, as when somebody revoked the API key.',
    faults: { refused: {} },
  },
  {
    switch: 'lost-replies',
    label: 'Replies get lost',
    says: 'Three writes in ten are done, and nobody hears of it.',
    faults: { commitThenDrop: { rate: 0.3 } },
  },
  {
    switch: 'commits-late',
    label: 'Writes arrive late',
    says: 'Three writes in ten break off, and are done three seconds later all the same.',
    faults: { dropThenCommit: { rate: 0.3, delayMs: 3_000 } },
  },
  {
    switch: 'maintenance',
    label: 'Maintenance page',
    says: 'Every call is answered 200 with a web page that speaks of maintenance.',
    faults: { maintenancePage: {} },
  },
  {
    switch: 'cut-bodies',
    label: 'Answers cut short',
    says: 'Three answers in ten end in the middle, after what was asked for has been done.',
    faults: { truncatedBody: { rate: 0.3 } },
  },
]

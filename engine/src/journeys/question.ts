// A journey's question: one that cannot be answered now puts the journey off, and it is asked again by itself.
import { Unanswered } from '../kernel/unanswered.ts'
import type { Running } from '../running.ts'
import { ask, type How, type Put } from './asking.ts'
import type { Reads } from './reads.ts'
import { notRouted } from './routing.ts'
import { PutOff } from './suspend.ts'

export type { Put } from './asking.ts'

export async function answer(
  running: Running,
  reads: Reads,
  put: Put,
  how: Pick<How, 'stays' | 'asks'>,
): Promise<unknown> {
  try {
    return (await ask(running, reads, put, { ...how, patient: true })).answer
  } catch (error) {
    throw error instanceof Unanswered ? putOff(error) : error
  }
}

function putOff({
  why,
  message,
  system,
  todo = '',
  retryInMs,
  ref,
  object,
  isOfLane,
  field,
  value,
}: Unanswered): PutOff {
  if (why === 'not routed')
    return notRouted(message, todo, { is: 'route', role: system, ref, field: field ?? '', value })
  if (ref !== undefined)
    return new PutOff(message, `${todo}; the journey then goes on by itself`, retryInMs, {
      is: 'record',
      system,
      object,
      ref,
    })
  const again = why === 'refused' ? `${todo}; it is asked again by itself` : todo || 'It is asked again by itself'
  return new PutOff(message, again, retryInMs, { is: 'system', system, isOfLane })
}

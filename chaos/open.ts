// What the engine itself calls unfinished. It is the one question that only our own database can answer.
import pg from 'pg'

export type Unfinished = {
  /** Work that is neither finished nor waiting for a person or for the ERP's next step. */
  readonly open: number
  /** Numbers of quotes about which a person is being asked. */
  readonly asked: ReadonlySet<string>
  readonly journeys: number
  readonly findings: readonly string[]
}
type Journey = { number: string; state: string; checkpoint: string | null; asked: boolean; reason: string | null }

const journeys = `
  select coalesce((select result->'fields'->>'number' from plumbline.step s where s.journey = j.journey and s.kind = 'start'), journey) as number,
         state, checkpoint, reason,
         exists (select from plumbline.task t where t.journey = j.journey and t.answer is null) as asked
  from plumbline.journey j`
const pending = `
  select format('delivery of %s to %s is %s: %s', ref, system, state, coalesce(reason, 'no reason')) as what
  from plumbline.delivery where state <> 'idle'
  union all
  select format('%s %s of %s is not understood%s: %s', object, native_id, system, case when parked then ' (parked)' end, coalesce(reason, 'no reason'))
  from plumbline.inbox`

/** Asks the database. `due` names the checkpoint that each quote's journey must have come to. */
export async function unfinished(url: string, due: ReadonlyMap<string, string>): Promise<Unfinished> {
  const client = new pg.Client({ connectionString: url })
  // It may be killed under us: then the answer is an error and the question is put again.
  client.on('error', () => undefined)
  await client.connect()
  try {
    const all = (await client.query<Journey>(journeys)).rows
    const work = (await client.query<{ what: string }>(pending)).rows.map(row => row.what)
    const lagging = all
      .filter(journey => !journey.asked && !hasCome(journey, due.get(journey.number)))
      .map(
        ({ number, state, checkpoint, reason }) =>
          `the journey of quote ${number} is ${state} at ${checkpoint} (${reason ?? 'no reason'}), the ERP at ${due.get(number) ?? 'nothing'}`,
      )
    const findings = [...work, ...lagging]
    return {
      open: findings.length,
      asked: new Set(all.filter(journey => journey.asked).map(journey => journey.number)),
      journeys: all.length,
      findings: findings.slice(0, 12).map(finding => `open: ${finding}`),
    }
  } finally {
    await client.end().catch(() => undefined)
  }
}

const hasCome = ({ state, checkpoint }: Journey, due: string | undefined): boolean =>
  due !== undefined && (due === 'Paid' ? state === 'done' : state === 'waiting' && checkpoint === due)

// Finds what a person means by an id, a number or a name: the records, and the journeys that they are part of.
import type { Plan } from '../kernel/plan.ts'
import type { Query, Tx } from '../store/db.ts'

export type Resolved = {
  /** The records meant. */
  readonly refs: readonly string[]
  /** The journeys that they are part of. */
  readonly journeys: readonly string[]
}

/** Uses the primary key of journey. */
const journeyNamed: Query = { name: 'resolve-journey', text: 'select journey, ref from journey where journey = $1' }

/** Uses the primary keys of record and link, and record_names; a merged record stands for the one it became. */
const recordsMeant: Query = {
  name: 'resolve-records',
  text: `
    select coalesce(alias_of, ref) as ref from record where ref = $1
    union
    select coalesce(alias_of, ref) from record where names @> array[lower($1)]
    union
    select coalesce(r.alias_of, l.ref)
    from link l left join record r on r.ref = l.ref
    where l.system = any($2::text[]) and l.object = any($3::text[]) and l.native_id = $1
    order by ref
    limit 20`,
}

/** One step towards the beginning: what these records point to, and the journeys of all of them. Uses journey_of. */
const journeysOfRecords: Query = {
  name: 'resolve-journeys',
  text: 'select journey from journey where ref = any($1::text[]) order by started_at desc limit 20',
}
const pointedTo: Query = {
  name: 'resolve-pointed-to',
  text: 'select distinct about.ref from record r, unnest(r.about) as about(ref) where r.ref = any($1::text[]) limit 200',
}

/** How far a record may stand from the one that started its journey: a payment, its invoice, the order, the quote. */
const MOST_STEPS = 4

export async function resolve(tx: Tx, plan: Plan, asked: string): Promise<Resolved> {
  const [journey] = await tx.query<{ journey: string; ref: string }>(journeyNamed, [asked])
  if (journey) return { refs: [journey.ref], journeys: [journey.journey] }
  const systems = [...plan.systems.keys()]
  const objects = [...new Set([...plan.systems.values()].flatMap(system => system.objects))]
  const refs = (await tx.query<{ ref: string }>(recordsMeant, [asked, systems, objects])).map(row => row.ref)
  return { refs, journeys: await journeysAround(tx, refs) }
}

/** The nearest journeys on the way from a record to what it came from. */
async function journeysAround(tx: Tx, refs: readonly string[]): Promise<string[]> {
  const seen = new Set<string>()
  for (let layer = refs, steps = 0; layer.length > 0 && steps <= MOST_STEPS; steps++) {
    const journeys = await tx.query<{ journey: string }>(journeysOfRecords, [layer])
    if (journeys.length > 0) return journeys.map(row => row.journey)
    for (const ref of layer) seen.add(ref)
    const above = await tx.query<{ ref: string }>(pointedTo, [layer])
    layer = above.map(row => row.ref).filter(ref => !seen.has(ref))
  }
  return []
}

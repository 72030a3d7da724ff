// Finds what a person means by an id, a number or a name, word for word: the records, and the journeys that they are part
// of. What begins like it is the search's business.
import { folded } from '../kernel/naming.ts'
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

/** Uses the primary keys of record, name and link; a merged record stands for the one it became. */
const recordsMeant: Query = {
  name: 'resolve-records',
  text: `
    select coalesce(alias_of, ref) as ref from record where ref = $1
    union
    select coalesce(r.alias_of, n.ref) from name n left join record r on r.ref = n.ref where n.name = any($4) and n.whole
    union
    select coalesce(r.alias_of, l.ref)
    from link l left join record r on r.ref = l.ref
    where l.system = any($2::text[]) and l.object = any($3::text[]) and l.native_id = $1
    order by ref
    limit 20`,
}

export async function resolve(tx: Tx, plan: Plan, asked: string): Promise<Resolved> {
  const [journey] = await tx.query<{ journey: string; ref: string }>(journeyNamed, [asked])
  if (journey) return { refs: [journey.ref], journeys: [journey.journey] }
  const { systems, objects } = placesOf(plan)
  const rows = await tx.query<{ ref: string }>(recordsMeant, [asked, systems, objects, calledSo(tx, asked)])
  const refs = rows.map(row => row.ref)
  const around = await journeysAbove(tx, refs)
  return { refs, journeys: [...new Set(around.map(row => row.journey))].slice(0, MOST_JOURNEYS) }
}

/** A name as it is stored: as it reads, or as a word that nobody can read. */
export const calledSo = (tx: Tx, asked: string): readonly string[] => {
  const name = folded(asked)
  return [name, ...tx.sealing.wordsFor(name).slice(0, 1)]
}

/** All that a native id can be one of. */
export const placesOf = (plan: Plan): { systems: readonly string[]; objects: readonly string[] } => ({
  systems: [...plan.systems.keys()],
  objects: [...new Set([...plan.systems.values()].flatMap(system => system.objects))],
})

/** How far a record may stand from the one that started its journey: a payment, its invoice, the order, the quote. */
const MOST_STEPS = 4
const MOST_JOURNEYS = 20

/** From each record towards what it came from, as far as the first that started a journey. Uses the primary key of record, journey_of. */
const above: Query = {
  name: 'resolve-above',
  text: `
    with recursive up as (
      select root, root as ref, 0 as depth from unnest($1::text[]) as root
      union
      select up.root, about.ref, up.depth + 1
      from up join record r on r.ref = up.ref cross join unnest(r.about) as about(ref)
      where up.depth < ${MOST_STEPS} and not exists (select from journey j where j.ref = up.ref)
    ), found as (
      select up.root, up.depth, j.journey, j.state, j.started_at, min(up.depth) over (partition by up.root) as nearest
      from up join journey j on j.ref = up.ref
    )
    select root, depth, journey, state from found where depth = nearest order by started_at desc, journey desc`,
}
export type Above = {
  readonly root: string
  /** 0 when the record itself started it. */
  readonly depth: number
  readonly journey: string
  readonly state: string
}
/** The nearest journeys on the way from records to what they came from, the newest first. */
export const journeysAbove = (tx: Tx, refs: readonly string[]): Promise<Above[]> =>
  refs.length === 0 ? Promise.resolve([]) : tx.query<Above>(above, [refs])

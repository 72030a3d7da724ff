// What becomes of stored things when the routes of the project are other ones than at the last start: numbers are those of the system
// that gave them, and records that another system serves now are looked at again.
import type { AnyContract, Route } from '@plumbline/sdk'
import type { Host } from '../host.ts'
import { hintTo } from '../kernel/hint.ts'
import type { Plan } from '../kernel/plan.ts'
import { instanceFor, numberOfGiver, routeOfNumbers } from '../kernel/routes.ts'
import type { Db, Query, Tx } from './db.ts'
import { wakeJourneys } from './follow-up.ts'
import { storeArrivals } from './inbox.ts'

const PAGE = 1_000

/** Done at each start, after the lanes are there; costs a look at the numbers where nothing has changed. */
export async function bringRoutesUp(db: Db, plan: Plan, host: Host): Promise<void> {
  for (const contract of plan.contracts.values()) {
    const route = routeOfNumbers(plan, contract)
    // What is sealed is a hash: nobody can put a giver before the number in it, and it is matched anew when it is told.
    const isSealed = contract.fields[contract.options.match ?? '']?.isPersonal === true
    if (route && !isSealed) await giveNumbers(db, plan, contract, route)
  }
  for (const route of plan.project.routes)
    await db.transaction(async tx => {
      const moved = await servedElsewhere(tx, plan, route)
      if (moved.length === 0) return
      for (const contract of plan.contracts.values())
        if (route.by in contract.fields) await lookAgain(tx, plan, host, contract, route, moved)
    })
}

/** Uses the primary key; a number that its giver stands before has the separator. */
const bareNumbers: Query = {
  name: 'routes-bare-numbers',
  text: `
    select m.value, r.fields ->> $2 as said,
           (select min(l.system) from link l where l.ref = m.ref and l.system = any($3)) as giver
    from match m join record r on r.ref = m.ref
    where m.contract = $1 and m.value > $4 and position(chr(31) in m.value) = 0
    order by m.value
    limit ${PAGE}`,
}
const giveNumber: Query = {
  name: 'routes-give-number',
  text: `
    update match m set value = x.now
    from unnest($2::text[], $3::text[]) as x(was, now)
    where m.contract = $1 and m.value = x.was and not exists (select from match o where o.contract = $1 and o.value = x.now)`,
}

/** Numbers of before there was a route. */
async function giveNumbers(db: Db, plan: Plan, contract: AnyContract, { role, by }: Route): Promise<void> {
  const givers = (plan.systemsOfRole.get(role) ?? []).map(({ name }) => name)
  for (let after = ''; ; ) {
    const rows = await db.query<{ value: string; said: string | null; giver: string | null }>(bareNumbers, [
      contract.contract,
      by,
      givers,
      after,
    ])
    const given = rows.flatMap(({ value, said, giver }) => {
      const system = giver ?? instanceFor(plan, role, said)?.name
      return system === undefined ? [] : [{ was: value, now: numberOfGiver(system, value) }]
    })
    if (given.length > 0)
      await db.query(giveNumber, [contract.contract, given.map(({ was }) => was), given.map(({ now }) => now)])
    if (rows.length < PAGE) return
    after = rows.at(-1)?.value ?? ''
  }
}

const servedBefore: Query = {
  name: 'routes-served-before',
  text: 'select system, serves from lane where system = any($1) order by system for update',
}
const serveNow: Query = {
  name: 'routes-serve-now',
  text: `update lane set serves = array(select jsonb_array_elements_text(x.serves))
         from jsonb_to_recordset($1::jsonb) as x(system text, serves jsonb) where lane.system = x.system`,
}

/** The values that another system serves than when the engine last started; none at the first start. */
async function servedElsewhere(tx: Tx, plan: Plan, { role, whenEmpty }: Route): Promise<string[]> {
  const now = (plan.systemsOfRole.get(role) ?? []).map(({ name, instance: { serves = [] } }) => ({
    system: name,
    serves: [...serves, ...(name === whenEmpty ? [''] : [])],
  }))
  const before = await tx.query<{ system: string; serves: string[] | null }>(servedBefore, [
    now.map(({ system }) => system),
  ])
  await tx.query(serveNow, [JSON.stringify(now)])
  if (before.every(({ serves }) => serves === null)) return []
  const whose = (all: readonly { system: string; serves: string[] | null }[], value: string): string | undefined =>
    all.find(({ serves }) => serves?.includes(value))?.system
  const values = new Set([...now, ...before].flatMap(({ serves }) => serves ?? []))
  return [...values].filter(value => whose(now, value) !== undefined && whose(now, value) !== whose(before, value))
}

/** No index; asked only when a system begins to serve somebody. */
const linksOfMoved: Query = {
  name: 'routes-links-of-moved',
  text: `
    select r.ref, l.system, l.object, l.native_id
    from record r left join link l on l.ref = r.ref and l.system <> all($4)
    where r.contract = $1 and r.alias_of is null and r.version > 0 and coalesce(r.fields ->> $2, '') = any($3)`,
}

/** Who waits for them goes on. Where their numbers are those of another system now, they are read again. */
async function lookAgain(
  tx: Tx,
  plan: Plan,
  host: Host,
  contract: AnyContract,
  { role, by }: Route,
  moved: readonly string[],
): Promise<void> {
  const givers = (plan.systemsOfRole.get(role) ?? []).map(({ name }) => name)
  const rows = await tx.query<{ ref: string; system: string | null; object: string; native_id: string }>(linksOfMoved, [
    contract.contract,
    by,
    moved,
    givers,
  ])
  const isNumbered = routeOfNumbers(plan, contract) !== undefined
  const heard = (isNumbered ? rows : []).flatMap(({ system, object, native_id }) =>
    system !== null && plan.systems.get(system)?.byObject.has(object)
      ? [{ system, object, native_id, heard: hintTo(host, object, native_id) }]
      : [],
  )
  for (let at = 0; at < heard.length; at += PAGE) await storeArrivals(tx, heard.slice(at, at + PAGE), 0)
  await wakeJourneys(tx, [...new Set(rows.map(({ ref }) => ref))])
}

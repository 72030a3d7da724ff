// A system that takes no more calls at once is tried again less and less often.
import {
  contract,
  fill,
  mapping,
  objectOf,
  project,
  role,
  routed,
  text,
  type WriteEnd,
  whereFound,
} from '@plumbline/sdk'
import { expect, test } from 'vitest'
import { freshDatabase } from '../../test/support/postgres.ts'
import { startEngine } from '../src/index.ts'
import { Shelf, shelfConnector } from './shelf.ts'

const patience = { timeout: 20_000 }

/** Others use all that this system takes at once. */
class Crowded extends Shelf {
  readonly calls: number[] = []
  override write(): WriteEnd {
    this.calls.push(performance.now())
    return { end: 'unavailable', reason: 'Too many calls at once', retryAfterMs: 1, tooManyAtOnce: true }
  }
}

test('while others use up what a system takes at once, each refusal is followed by a longer wait', async () => {
  const shelves = { shop: new Shelf(), store: new Crowded() }
  const [inShop, inStore] = [shelfConnector(shelves.shop), shelfConnector(shelves.store)]
  const Wish = contract(
    'wish',
    { name: text('Name').ownedBy('shop') },
    { knownBy: ['name'], livesIn: { shop: whereFound(), store: routed() } },
  )
  const [shop, store] = [role('shop', { holds: [Wish] }), role('store', { holds: [Wish] })]
  const wishes = project('wishes', {
    contracts: [Wish],
    roles: [shop, store],
    systems: [
      fill(shop, 'counter', inShop, {}, { mappings: [mapping(Wish, objectOf(inShop, 'Thing'), { name: 'Name' })] }),
      fill(store, 'depot', inStore, {}, { mappings: [mapping(Wish, objectOf(inStore, 'Thing'), { name: 'Name' })] }),
    ],
    workflows: [],
  })
  const database = await freshDatabase()
  const engine = await startEngine({ project: wishes, databaseUrl: database.url, log: () => undefined })
  try {
    await expect.poll(async () => (await engine.ready()).ready, patience).toBe(true)
    shelves.shop.put('w1', { Name: 'A Pony' })
    const { calls } = shelves.store
    await expect.poll(() => calls.length, patience).toBeGreaterThanOrEqual(4)
    // At first a quarter of a second, then twice as long each time.
    expect((calls[3] ?? 0) - (calls[0] ?? 0)).toBeGreaterThan(1_700)
  } finally {
    await engine.close()
    await database.drop()
  }
})

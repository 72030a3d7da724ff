// What somebody has open in a dialog cannot be used or changed by anybody else meanwhile.
import { refused } from '../odata/errors.ts'
import { lockKey, type World } from './world.ts'

const WORDS = {
  salesOrder: (id: string, by: string) => ({
    code: 'V1/042',
    says: `Sales document ${id} is currently being processed by ${by}`,
  }),
  customer: (id: string, by: string) => ({
    code: 'F2/042',
    says: `Account ${id} is currently being processed by ${by}`,
  }),
  material: (id: string, by: string) => ({ code: 'M3/024', says: `The material ${id} is locked by user ${by}` }),
}

export function refuseLocked(world: World, kind: keyof typeof WORDS, id: string): void {
  const by = world.locks.get(lockKey(kind, id))
  if (by === undefined) return
  const { code, says } = WORDS[kind](id, by)
  throw refused(code, says)
}

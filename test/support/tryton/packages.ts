// What Tryton needs of Debian, and whether it is there.
import { existsSync } from 'node:fs'

const modules = '/usr/lib/python3/dist-packages/trytond/modules'
const needed = [
  '/usr/bin/trytond',
  '/usr/bin/trytond-admin',
  '/usr/lib/python3/dist-packages/proteus',
  '/usr/lib/python3/dist-packages/psycopg2',
  `${modules}/sale_credit_limit`,
  `${modules}/sale_price_list`,
]

const packages = [
  'tryton-server',
  'tryton-proteus',
  'python3-psycopg2',
  'tryton-modules-sale-credit-limit',
  'tryton-modules-sale-price-list',
]

/** The tests that need it. */
export const trytonTests = ['connectors/tryton/test/real/**', 'engine/test/tryton.test.ts']

/** What to do to have Tryton here, or nothing where it is. */
export function missingTryton(): string | undefined {
  if (needed.every(path => existsSync(path))) return undefined
  return `apt-get install --no-install-recommends ${packages.join(' ')}`
}

// What Tryton needs of Debian, and whether it is there.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const programs = ['trytond', 'trytond-admin']
const python = '/usr/lib/python3/dist-packages'
const needed = ['proteus', 'psycopg2', 'trytond/modules/sale_credit_limit', 'trytond/modules/sale_price_list']

const packages = [
  'tryton-server',
  'tryton-proteus',
  'python3-psycopg2',
  'tryton-modules-sale-credit-limit',
  'tryton-modules-sale-price-list',
]

/** What to do to have Tryton here, or nothing where it is. */
export function missingTryton(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const isThere =
    programs.every(name => folders.some(folder => existsSync(join(folder, name)))) &&
    needed.every(path => existsSync(join(python, path)))
  return isThere ? undefined : `apt-get install --no-install-recommends ${packages.join(' ')}`
}

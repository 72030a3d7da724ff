// The project of the sync measurement: one contract of forty fields, held by two systems in memory. Told by the environment:
// BENCH_FOLDER, BENCH_RECORDS, BENCH_PATCHES, BENCH_WINDOW, and BENCH_WAYS, 'one' (the crm owns all) or 'two' (half each).
import { always, contract, count, day, fill, mapping, objectOf, project, role, text } from '@plumbline/sdk'
import { counts, days, memory, named, words } from './connector.ts'

const number = (name: string): number => Number(process.env[name])
const ways = process.env.BENCH_WAYS === 'two' ? 'two' : 'one'
const patches = number('BENCH_PATCHES')

/** Fields in the order of the native ones: with two ways, every other field is the erp's. */
let turn = 0
const owner = (): 'crm' | 'erp' => (turn++ % 2 === 0 || ways === 'one' ? 'crm' : 'erp')

const Item = contract(
  'item',
  {
    number: text('Number').ownedBy('crm'),
    ...named('text', words, label => text(label).ownedBy(owner())),
    ...named('count', counts, label => count(label).ownedBy(owner())),
    ...named('day', days, label => day(label).ownedBy(owner())),
  },
  { match: 'number', knownBy: ['number'], livesIn: { crm: always(), erp: always() } },
)

const crm = role('crm', { holds: [Item] })
const erp = role('erp', { holds: [Item] })

const same = <const P extends string, const N extends string, const Q extends string>(
  prefix: P,
  names: readonly N[],
  native: Q,
): { [K in N as `${P}${K}`]: `${Q}${K}` } =>
  Object.fromEntries(names.map(name => [`${prefix}${name}`, `${native}${name}`])) as {
    [K in N as `${P}${K}`]: `${Q}${K}`
  }

const itemIn = mapping(Item, objectOf(memory, 'Item'), {
  number: 'Number',
  ...same('text', words, 'Text'),
  ...same('count', counts, 'Count'),
  ...same('day', days, 'Day'),
})

const system = (of: typeof crm | typeof erp, owns: string, mine: number) =>
  fill(
    of,
    of.role,
    memory,
    {
      system: of.role,
      folder: process.env.BENCH_FOLDER ?? '',
      records: number('BENCH_RECORDS'),
      patches: mine,
      window: number('BENCH_WINDOW'),
      owns,
      echoes: ways === 'two',
      client: 'plumbline',
    },
    { mappings: [itemIn] },
  )

export default project('bench', {
  contracts: [Item],
  roles: [crm, erp],
  systems:
    ways === 'two'
      ? [system(crm, 'even', patches / 2), system(erp, 'odd', patches / 2)]
      : [system(crm, 'all', patches), system(erp, 'none', 0)],
  workflows: [],
})

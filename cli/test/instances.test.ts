// A third ERP is one file: what it has in common with others is theirs, what is its own alone stands in it, and is shown.
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plumb } from './plumb.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
/** As somebody would write it. */
const british = fileURLToPath(new URL('./uk.instance.txt', import.meta.url))
let folder: string
let project: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumb-instances-'))
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'))
  project = join(folder, 'project')
  const example = join(repository, 'examples', 'quote-to-cash')
  const isSource = (path: string): boolean => !/[\\/](?:node_modules|dist)(?:[\\/]|$)/.test(path.slice(example.length))
  await cp(example, project, { recursive: true, filter: isSource })
  await cp(british, join(project, 'instances', 'uk.ts'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('a project with one file more has one ERP more, and is well', async () => {
  const { code, out } = await plumb(['check', '--project', project])
  expect(out).toContain('is well: 9 contracts, 4 systems')
  expect(code).toBe(0)
})

test('it is shown whom each serves, and where one deviates from its template', async () => {
  const { out } = await plumb(['instances', 'erp', '--json', '--project', project])
  expect(JSON.parse(out).roles).toMatchObject([
    {
      role: 'erp',
      routedBy: 'legalEntity',
      instances: [
        {
          instance: 's4',
          connector: 'sap-s4hana',
          serves: ['DE01'],
          servesEmpty: true,
          calendar: { zone: 'Europe/Berlin' },
          deviations: ofItsOwn('uk', ['nothing said', '2'], ['Europe/Berlin', 'Europe/London']),
        },
        {
          instance: 'uk',
          connector: 'sap-s4hana',
          serves: ['GB01'],
          servesEmpty: false,
          calendar: { zone: 'Europe/London', holidays: 1, next: '2098-12-25' },
          deviations: [
            {
              what: 'order.requestedDelivery',
              here: 'not kept: the warehouse there plans by itself',
              elsewhere: 'RequestedDeliveryDate',
            },
            { what: 'payment terms: net 14', here: '"Z014"', elsewhere: '"NT14"' },
            ...ofItsOwn('s4', ['2', 'nothing said'], ['Europe/London', 'Europe/Berlin']),
          ],
        },
      ],
    },
  ])
  const words = await plumb(['instances', 'erp', '--project', project])
  expect(words.out).toMatch(/uk +sap-s4hana +GB01 +Europe\/London, 1 holiday to come, next 2098-12-25 +5/)
  expect(words.out).toMatch(/payment terms: net 14 +"Z014" +"NT14"/)
})

/** What each says for itself, against the other. */
const ofItsOwn = (other: string, [calls, callsThere]: string[], [zone, zoneThere]: string[]) => [
  { what: 'limits: calls at once', here: calls, elsewhere: `${callsThere} in ${other}` },
  { what: 'calendar: zone', here: zone, elsewhere: `${zoneThere} in ${other}` },
  { what: 'calendar: holidays', here: expect.any(String), elsewhere: expect.stringMatching(` in ${other}$`) },
]

test('a role that there is not is a clear error', async () => {
  const { code, err } = await plumb(['instances', 'erpp', '--project', project])
  expect(err).toContain('no role is called "erpp"; there are crm, erp, consent')
  expect(code).toBe(2)
})

test('a file that exports no instance is named', async () => {
  const broken = join(folder, 'broken')
  await cp(project, broken, { recursive: true })
  await writeFile(join(broken, 'instances', 'fr.ts'), 'export default { name: "fr" }\n')
  const { code, err } = await plumb(['check', '--project', broken])
  expect(err).toMatch(/fr\.ts exports no instance\. Write: export default fill\(…\)/)
  expect(code).not.toBe(0)
})

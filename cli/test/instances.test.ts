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
        { instance: 's4', connector: 'sap-s4hana', serves: ['DE01'], servesEmpty: true, deviations: [] },
        {
          instance: 'uk',
          connector: 'sap-s4hana',
          serves: ['GB01'],
          servesEmpty: false,
          deviations: [
            {
              what: 'order.requestedDelivery',
              here: 'not kept: the warehouse there plans by itself',
              elsewhere: 'RequestedDeliveryDate',
            },
            { what: 'payment terms: net 14', here: '"Z014"', elsewhere: '"NT14"' },
          ],
        },
      ],
    },
  ])
  const words = await plumb(['instances', 'erp', '--project', project])
  expect(words.out).toMatch(/uk +sap-s4hana +GB01 +2/)
  expect(words.out).toMatch(/payment terms: net 14 +"Z014" +"NT14"/)
})

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

// plumb check on a customer's repository with a mistake in it: what it says, where it points, and how it ends.
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plumb } from './plumb.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumb-check-'))
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

type Change = readonly [file: string, from: string, to: string]
type Found = { readonly code: number | null; readonly findings: readonly Record<string, unknown>[] }

/** The example with some words of it replaced. */
async function withMistakes(...changes: readonly Change[]): Promise<string> {
  const project = await mkdtemp(join(folder, 'project-'))
  const example = join(repository, 'examples', 'quote-to-cash')
  const isSource = (path: string): boolean => !/[\\/](?:node_modules|dist)(?:[\\/]|$)/.test(path.slice(example.length))
  await cp(example, project, { recursive: true, filter: isSource })
  for (const [file, from, to] of changes) {
    const text = await readFile(join(project, file), 'utf8')
    if (!text.includes(from)) throw new Error(`${file} has no "${from}"`)
    await writeFile(join(project, file), text.replace(from, to))
  }
  return project
}

async function checked(...changes: readonly Change[]): Promise<Found> {
  const { code, out } = await plumb(['check', '--json', '--project', await withMistakes(...changes)])
  const { findings } = JSON.parse(out) as Pick<Found, 'findings'>
  return { code, findings }
}

/** The line of a file on which a text stands for the first time, after another. */
async function lineOf(file: string, text: string, after = ''): Promise<number> {
  const source = await readFile(join(repository, 'examples', 'quote-to-cash', file), 'utf8')
  return source.slice(0, source.indexOf(text, source.indexOf(after))).split('\n').length
}

test('a picklist value that the org does not have: the mapping, its line, a sentence and what to do', async () => {
  const { code, findings } = await checked(['salesforce.metadata.json', '["Open", "Paid"]', '["Open", "Settled"]'])
  expect(code).toBe(1)
  expect(findings).toEqual([
    {
      code: 'value-unknown',
      contract: 'invoice',
      field: 'status',
      system: 'sales',
      where: 'contract invoice, field status, in sales',
      sentence:
        '"Paid" is mapped to Invoice__c.Status__c, and is not in the picklist that salesforce.metadata.json has.',
      todo: 'Use one of: Open, Settled; or add the value to the picklist.',
      file: join('mappings', 'fulfilment.ts'),
      line: await lineOf('mappings/fulfilment.ts', 'status: {'),
    },
  ])
})

test('a custom field that the org does not have', async () => {
  const { findings } = await checked(['salesforce.metadata.json', '"Tracking_Number__c"', '"Tracking__c"'])
  expect(findings).toMatchObject([
    {
      code: 'native-unknown',
      contract: 'shipment',
      system: 'sales',
      sentence: 'It is mapped to Shipment__c.Tracking_Number__c, and salesforce.metadata.json has no such field.',
    },
  ])
})

test('a value of the contract that a system has no word for', async () => {
  const { findings } = await checked([
    'contracts/fulfilment.ts',
    "stages('Status', 'open', 'paid')",
    "stages('Status', 'open', 'reminded', 'paid')",
  ])
  expect(findings).toMatchObject([{ code: 'value-unmapped', contract: 'invoice', field: 'status', system: 'sales' }])
})

test('a field without an owner, on its own line', async () => {
  const { findings } = await checked([
    'contracts/fulfilment.ts',
    "tax: money('Tax').ownedBy('erp')",
    "tax: money('Tax')",
  ])
  const line = await lineOf('contracts/fulfilment.ts', 'tax: money')
  expect(findings).toMatchObject([{ code: 'field-unowned', file: join('contracts', 'fulfilment.ts'), line }])
})

test('a workflow that looks at the clock, goes to the network or asks a stage with equality', async () => {
  const { findings } = await checked(
    [
      'workflow.ts',
      "reach('Accepted')",
      "reach('Accepted')\n    await fetch('http://x', { at: Date.now() }).then(() => import('node:fs'))",
    ],
    ['workflow.ts', "order.status.reached('shipped')", "order.status.at === 'shipped'"],
    ['workflow.ts', 'within: { Booked:', "within: { Packed: '1 day', Booked:"],
  )
  expect(findings.map(({ code, workflow, file }) => [code, workflow, file])).toEqual([
    ['checkpoint-unknown', 'quote-to-cash', 'workflow.ts'],
    ['world-inside', 'quote-to-cash', 'workflow.ts'],
    ['world-inside', 'quote-to-cash', 'workflow.ts'],
    ['world-inside', 'quote-to-cash', 'workflow.ts'],
    ['stage-equality', 'quote-to-cash', 'workflow.ts'],
  ])
})

test('a person reads the same, and where to go', async () => {
  const project = await withMistakes(['contracts/sale.ts', "      lines: 'lines',\n", ''])
  const { code, out } = await plumb(['check'], { cwd: project })
  const line = await lineOf('contracts/sale.ts', 'lines: linesOf', 'export const Order')
  expect(code).toBe(1)
  expect(out).toBe(`${join('contracts', 'sale.ts')}:${line}  contract order, field lines  [derivation-gap]
  Both "quote" and "order" have "lines", and derive(…) does not say whether it is taken over.
  to do: Write lines: 'lines' in derive(…), or lines: null where it is not meant to be.

1 finding in project.ts.
`)
})

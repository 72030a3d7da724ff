// plumb owners: whose each field is, as a business person reads it, from the project alone.
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { plumb } from './plumb.ts'

// Elsewhere than in a project, with no database and nothing that runs: the example that Plumbline brings is told of.
const owners = (...args: string[]) => plumb(['owners', ...args], { cwd: tmpdir() })

/** The cells of a table's row, which begins with a text. */
const row = (out: string, begins: string): string[] | undefined =>
  out
    .split('\n')
    .find(line => line.trim().startsWith(begins))
    ?.trim()
    .split(/\s{2,}/)

test('a field whose ownership passes on says until when, who then, and what becomes of later edits', async () => {
  const { code, out } = await owners('order')
  expect(code).toBe(0)
  expect(row(out, 'Products · Unit price')).toEqual([
    'Products · Unit price',
    expect.stringMatching(/^The CRM until booked, then the ERP; later edits become change requests/),
    'owns until booked',
    'owns from booked on',
  ])
  expect(row(out, 'Order number')).toEqual(['Order number', expect.stringMatching(/^The ERP/), 'shows it', 'owns'])
})

test('where a record lives, who gives birth to it, what its disappearance means, and which lines are welcome', async () => {
  const { out } = await owners('order')
  expect(out).toContain('born by: The workflow quote-to-cash alone, out of a quote')
  expect(row(out, 'CRM')).toEqual(['CRM', 'sales', 'from booked on', 'nothing changes elsewhere'])
  expect(row(out, 'ERP')).toEqual(['ERP', 's4', 'in the system that the route names', 'it is closed elsewhere'])
  expect(out).toContain('lines that the ERP adds, such as freight, are welcome')
})

test('what is not kept says why', async () => {
  const { out } = await owners('product')
  expect(row(out, 'Name')?.at(-1)).toBe('not kept')
  expect(out).toContain('Name is not kept in s4: sales names its products itself')
})

test('without a name every contract is told of, and programs get the same as data', async () => {
  const { out } = await owners('--json')
  const { project, contracts } = JSON.parse(out) as {
    project: string
    contracts: {
      contract: string
      fields: { field: string; cells: { role: string; part: string; systems: object[] }[] }[]
    }[]
  }
  expect(project).toBe('quote-to-cash')
  expect(contracts.map(one => one.contract)).toContain('payment')
  const status = contracts.find(one => one.contract === 'invoice')?.fields.find(one => one.field === 'status')
  expect(status?.cells.filter(cell => cell.systems.length > 0)).toMatchObject([
    { role: 'crm', part: 'shows', systems: [{ system: 'sales', keptIn: ['Invoice__c.Status__c'] }] },
    { role: 'erp', part: 'owns', systems: [{ system: 's4', keptIn: ['BillingDocument.InvoiceClearingStatus'] }] },
  ])
})

test('a contract that the project does not have is said so, with those that it has', async () => {
  const { code, err } = await owners('orders')
  expect(code).toBe(1)
  expect(err).toContain('has no contract "orders"')
  expect(err).toContain('order')
})

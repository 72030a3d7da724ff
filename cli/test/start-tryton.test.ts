// plumb start --with-tryton as a person meets it: two ERPs behind one Salesforce, and people who work in each of them.
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peopleAt } from '@plumbline/sandbox-tryton'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { fixture } from '../../test/support/tryton/fixture.ts'
import { answers, begin, plumb, type RunningPlumb } from './plumb.ts'
import { salespersonAt } from './salesperson.ts'

// People and ERPs take their time on a busy machine: what is proved here is that they get there.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const PARTS = ['', 'salesforce-', 'pubsub-', 's4-', 'consent-', 'postgres-', 'tryton-']
const ANY_PORTS = PARTS.flatMap(part => [`--${part}port`, '0'])

let folder: string
let running: RunningPlumb
let ports: Record<'engine' | 'salesforce' | 's4' | 'postgres' | 'tryton', number>

async function start(...more: readonly string[]): Promise<void> {
  const args = ['start', '--with-tryton', '--json', ...ANY_PORTS, '--data', join(folder, 'data'), ...more]
  running = begin(args, { cwd: folder })
  ports = (await running.said(line => line.ready === true)).ports as typeof ports
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumb-start-tryton-'))
  // As a start leaves it that was stopped when it had made Tryton's database.
  await cp(await fixture(), join(folder, 'data', 'postgres'), { recursive: true })
  await start()
})
afterAll(async () => {
  running?.child.kill('SIGTERM')
  await running?.ended
  await rm(folder, { recursive: true, force: true })
})

const told = async (sentence: RegExp): Promise<RegExpExecArray> => {
  const said = await running.said(line => sentence.test(String(line.event)))
  return sentence.exec(String(said.event)) ?? expect.unreachable()
}
const inTryton = async (quote: string) => {
  const login = { url: `http://127.0.0.1:${ports.tryton}/tryton/`, user: 'manager', password: 'plum-8bike7z' }
  const { rpc } = await peopleAt(login)
  const fields = ['number', 'state', 'shipment_state', 'invoice_state', 'untaxed_amount']
  return rpc('model.sale.sale.search_read', [['reference', '=', quote]], 0, null, null, fields)
}
const inS4 = async (quote: string): Promise<unknown[]> => {
  const response = await fetch(`http://127.0.0.1:${ports.s4}/_sandbox/journal?object=A_SalesOrder`)
  const { entries } = (await response.json()) as { entries: { kind: string; fields: Record<string, unknown> }[] }
  return entries.filter(({ kind, fields }) => kind === 'create' && fields.PurchaseOrderByCustomer === quote)
}

/** The command lines, on this machine, in which a folder stands. */
async function programsNaming(path: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const lines = await Promise.all(ids.map(id => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter(line => line.includes(path))
}

const american = { customer: 'US-1002', product: 'FILT-7', quantity: 4, price: 38.5, currency: 'USD' }
const european = { customer: '10100001', product: 'TG11', quantity: 3, price: 17.55, currency: 'EUR' }

/** The one whose way is followed to its end. */
let us: string

test('an American quote is sold in Tryton and a European one in S/4HANA, each to the last payment, and Salesforce shows it', async () => {
  const { org, acceptQuote } = await salespersonAt(ports.salesforce)
  const [first, eu] = await Promise.all([acceptQuote(american), acceptQuote(european)])
  us = first
  const [, sale] = await told(new RegExp(`^Quote ${us} accepted → order (\\S+) booked in us in `))
  const [, order] = await told(new RegExp(`^Quote ${eu} accepted → order (\\S+) booked in s4 in `))
  await told(new RegExp(`^Order ${sale} paid in us, `))
  await told(new RegExp(`^Order ${order} paid in s4, `))

  expect(await inTryton(us)).toMatchObject([
    {
      number: sale,
      state: 'done',
      shipment_state: 'sent',
      invoice_state: 'paid',
      untaxed_amount: { decimal: '154.00' },
    },
  ])
  expect(await inTryton(eu)).toEqual([])
  expect(await inS4(us)).toEqual([])
  expect(await inS4(eu)).toHaveLength(1)
  const shown = `SELECT Status, ERP_Net_Total__c, CurrencyIsoCode FROM Order WHERE PoNumber = `
  expect((await org.query(`${shown}'${us}'`)).records).toMatchObject([
    { Status: 'Invoiced', ERP_Net_Total__c: 154, CurrencyIsoCode: 'USD' },
  ])
  expect((await org.query(`${shown}'${eu}'`)).records).toMatchObject([
    { Status: 'Invoiced', ERP_Net_Total__c: 52.65, CurrencyIsoCode: 'EUR' },
  ])
  const paid = `SELECT Amount__c, CurrencyIsoCode FROM Payment__c WHERE Invoice__r.Order__r.PoNumber = '${us}'`
  const payments = (await org.query(paid)).records
  expect(payments.reduce((sum, { Amount__c }) => sum + Number(Amount__c), 0)).toBeCloseTo(169.4, 2)
  expect(new Set(payments.map(({ CurrencyIsoCode }) => CurrencyIsoCode))).toEqual(new Set(['USD']))
})

test('a port for Tryton that is taken is named before anything starts', async () => {
  const args = ['start', '--with-tryton', ...ANY_PORTS, '--tryton-port', String(ports.tryton)]
  const { code, out, err } = await plumb([...args, '--data', join(folder, 'other')])
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain(`Port ${ports.tryton}, meant for Tryton, is already in use.`)
})

test("stopped while Tryton's database is made, nothing of that goes on", async () => {
  const data = join(folder, 'from nothing')
  const first = begin(['start', '--with-tryton', '--json', ...ANY_PORTS, '--data', data])
  await first.said(line => String(line.step).startsWith("Making Tryton's database"))
  await expect
    .poll(() => programsNaming(data), { timeout: 300_000 })
    .toContainEqual(expect.stringContaining('trytond-admin'))
  first.child.kill('SIGTERM')
  const { code, out } = await first.ended
  expect(code).toBe(0)
  expect(out).not.toContain('Tryton has its modules')
  expect(await programsNaming(data)).toEqual([])
})

test('after a kill Tryton is not left over, and the next start goes on where it stood', async () => {
  const before = await inTryton(us)
  running.child.kill('SIGKILL')
  await running.ended
  await expect.poll(() => answers(ports.tryton), { timeout: 15_000 }).toBe(false)
  await start('--no-traffic')
  expect(await inTryton(us)).toEqual(before)
  const { acceptQuote } = await salespersonAt(ports.salesforce)
  await told(new RegExp(`^Quote ${await acceptQuote(american)} accepted → order \\S+ booked in us in `))
})

test('it stops in order, and Tryton with it', async () => {
  running.child.kill('SIGTERM')
  const { code, out } = await running.ended
  expect(code).toBe(0)
  expect(out).toMatch(/"step":"Stopped in /)
  for (const port of [ports.engine, ports.tryton, ports.postgres]) expect(await answers(port)).toBe(false)
})

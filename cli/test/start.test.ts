// plumb start as a person meets it: everything comes up, a quote becomes cash, everything stops.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answers, begin, plumb, type RunningPlumb } from './plumb.ts'
import { salespersonAt } from './salesperson.ts'

const ANY_PORTS = [
  '--port',
  '--salesforce-port',
  '--pubsub-port',
  '--s4-port',
  '--consent-port',
  '--postgres-port',
].flatMap(flag => [flag, '0'])

let folder: string
let running: RunningPlumb
let ports: Record<'engine' | 'salesforce' | 'pubsub' | 's4' | 'consent' | 'postgres', number>

const start = (): RunningPlumb =>
  begin(['start', '--no-traffic', '--json', ...ANY_PORTS, '--data', join(folder, 'data')], { cwd: folder })

async function ready(): Promise<void> {
  running = start()
  const line = await running.said(said => said.ready === true)
  ports = line.ports as typeof ports
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumb-start-'))
  await ready()
}, 120_000)
afterAll(async () => {
  running?.child.kill('SIGTERM')
  await running?.ended
  await rm(folder, { recursive: true, force: true })
})

const acceptQuote = async (): Promise<string> =>
  (await salespersonAt(ports.salesforce)).acceptQuote({
    customer: '10100001',
    product: 'TG11',
    quantity: 3,
    price: 17.55,
  })

async function ordersInS4(): Promise<{ id: string; fields: Record<string, unknown> }[]> {
  const response = await fetch(`http://127.0.0.1:${ports.s4}/_sandbox/journal?object=A_SalesOrder`)
  const { entries } = (await response.json()) as {
    entries: { kind: string; id: string; fields: Record<string, unknown> }[]
  }
  return entries.filter(entry => entry.kind === 'create')
}

const inS4 = (door: string, body: object): Promise<Response> =>
  fetch(`http://127.0.0.1:${ports.s4}/_sandbox/${door}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('a quote accepted with jsforce is an order in S/4, and what becomes of it is told', async () => {
  const number = await acceptQuote()
  const told = (sentence: RegExp) => running.said(line => sentence.test(String(line.event)))
  await told(new RegExp(`^Quote ${number} accepted → order \\d+ booked in `))
  const orders = (await ordersInS4()).filter(order => order.fields.PurchaseOrderByCustomer === number)
  expect(orders).toHaveLength(1)
  const salesOrder = orders[0]?.id ?? ''
  await inS4('warehouse/ship', { salesOrder })
  await told(new RegExp(`^Order ${salesOrder} shipped$`))
  const { billingDocument } = (await (await inS4('clerk/invoice', { salesOrder })).json()) as {
    billingDocument: { BillingDocument: string }
  }
  await told(new RegExp(`^Invoice ${billingDocument.BillingDocument} over 62\\.65 EUR$`))
  await inS4('clerk/pay', { billingDocument: billingDocument.BillingDocument })
  await told(new RegExp(`^Order ${salesOrder} paid, `))

  const url = `http://127.0.0.1:${ports.engine}`
  const story = JSON.parse((await plumb(['journey', billingDocument.BillingDocument, '--json', '--url', url])).out) as {
    title: string
    journeys: { state: string }[]
  }
  expect(story).toMatchObject({ title: `Quote ${number}`, journeys: [{ state: 'done', checkpoint: 'Paid' }] })
})

test('what a product costs a customer, and when it can be had, is asked of S/4 by whoever wants to know', async () => {
  const ask = (...args: string[]) => plumb(['ask', ...args, '--url', `http://127.0.0.1:${ports.engine}`])
  const listed = await ask()
  expect(listed.out).toMatch(/^price +--customer .*--product … --quantity …/m)

  const price = await ask('price', '--customer', '10100001', '--product', 'TG11', '--quantity', '100')
  expect(price).toMatchObject({ code: 0, err: '' })
  expect(price.out).toMatch(/^Net +1,620\.00 EUR$/m)
  expect(price.out).toMatch(/16\.20 EUR .* price 16\.20 EUR for 1 PC/)
  const two = ['--product', 'TG11', '--quantity', '1', '--product=TG12', '--quantity=2', '--validity', '--json']
  const answered = JSON.parse((await ask('price', '--customer', 'Adler Pumpen GmbH', ...two)).out)
  expect(answered).toMatchObject({
    system: 's4',
    answer: { net: { amount: '717.75' }, lines: [{ line: '1' }, { line: '2' }] },
  })

  const stock = await ask('stock', '--product', 'TG14', '--quantity', '8')
  expect(stock.out).toMatch(/^Available now +5$/m)
  const credit = await ask('credit-check', '--customer', '10100004', '--amount', '500.01 EUR')
  expect(credit.out).toMatch(/^Approved +no$/m)

  expect(await ask('price', '--customer', 'nobody', '--product', 'TG11', '--quantity', '1')).toMatchObject({
    code: 1,
    err: expect.stringContaining('no customer is known as "nobody"'),
  })
  for (const wrong of [['weather'], ['price', '--colour', 'red'], ['price', '--quantity', 'many'], ['price', 'TG11']])
    expect(await ask(...wrong)).toMatchObject({ code: 2, err: expect.stringContaining('error: ') })
})

test('the console is there as soon as it is ready, and the sandboxes have their switches', async () => {
  const url = `http://127.0.0.1:${ports.engine}`
  const page = await fetch(url, { headers: { accept: 'text/html' } })
  expect(page.status).toBe(200)
  const [, script] = /<script type="module"[^>]* src="(\/assets\/[^"]+\.js)"/.exec(await page.text()) ?? []
  expect((await fetch(`${url}${script}`)).headers.get('cache-control')).toContain('immutable')
  const { sandboxes } = (await (await fetch(`${url}/api/sandboxes`)).json()) as {
    sandboxes: { system: string; switches: { switch: string }[] }[]
  }
  expect(sandboxes.map(({ system, switches }) => [system, switches.some(one => one.switch === 'down')])).toEqual([
    ['sales', true],
    ['s4', true],
    ['consents', true],
  ])
})

test('a second start in the same folder is refused', async () => {
  const { code, err } = await start().ended
  expect(code).toBe(1)
  expect(JSON.parse(err)).toMatchObject({
    error: { code: 'running', sentence: expect.stringMatching(/^Plumbline already runs with the folder /) },
  })
})

test('ports that are taken are named before anything starts', async () => {
  const { code, out, err } = await plumb([
    'start',
    '--data',
    join(folder, 'other'),
    '--port',
    String(ports.engine),
    '--s4-port',
    String(ports.s4),
    '--salesforce-port',
    '0',
    '--pubsub-port',
    '0',
    '--consent-port',
    '0',
    '--postgres-port',
    '0',
  ])
  expect(code).toBe(1)
  expect(out).toBe('')
  expect(err).toContain(`Port ${ports.engine}, meant for Plumbline, is already in use.`)
  expect(err).toContain(`Port ${ports.s4}, meant for the SAP S/4HANA sandbox, is already in use.`)
})

test('where Tryton is not installed it says how to install it, before anything starts', async () => {
  const nowhere = { PATH: join(folder, 'nothing here') }
  const other = join(folder, 'with-tryton')
  const args = ['start', '--with-tryton', ...ANY_PORTS, '--tryton-port', '0', '--data', other]
  const { code, out, err } = await plumb(args, { env: nowhere })
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatch(
    /^Tryton is not installed here, and --with-tryton needs it\.\nInstall it: apt-get install \S.*tryton-server.*\n$/,
  )
  expect(existsSync(other)).toBe(false)
})

test('after a kill nothing is left over, and the next start goes on where it stood', async () => {
  const before = ports
  running.child.kill('SIGKILL')
  await running.ended
  await expect.poll(() => answers(before.engine), { timeout: 15_000 }).toBe(false)
  await expect.poll(() => answers(before.s4), { timeout: 15_000 }).toBe(false)
  await ready()
  expect(await ordersInS4()).toHaveLength(1)
  const number = await acceptQuote()
  await running.said(line => String(line.event).startsWith(`Quote ${number} accepted → order `))
}, 120_000)

test('it stops in order, and everything with it', async () => {
  running.child.kill('SIGTERM')
  const { code, out } = await running.ended
  expect(code).toBe(0)
  expect(out).toMatch(/"step":"Stopped in /)
  for (const port of [ports.engine, ports.salesforce, ports.s4, ports.consent, ports.postgres])
    expect(await answers(port)).toBe(false)
})

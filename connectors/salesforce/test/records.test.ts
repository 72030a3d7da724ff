// Records in Salesforce: written once however often they are sent, read whole, refused in words.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { eur, host, native, type Org, objectNamed, org, read, startOrg, stock, write } from './support.ts'

let system: Org
let goods: Awaited<ReturnType<typeof stock>>
beforeAll(async () => {
  system = await startOrg()
  goods = await stock(system)
})
afterAll(() => system.close())
beforeEach(() => system.calm())

const order = (ref: string, more: Record<string, unknown> = {}, quantities: readonly number[] = [2, 3]) => ({
  key: ref,
  fields: {
    Plumbline_Ref__c: ref,
    AccountId: goods.account,
    PoNumber: 'Q-1',
    ERP_Order_Number__c: '17',
    ERP_Net_Total__c: eur('1120.30'),
    Status: 'Activated',
    ...more,
  },
  lists: {
    OrderItems: {
      add: quantities.map((Quantity, at) => ({
        Plumbline_Line__c: `l${at + 1}`,
        Product2Id: goods.products[at],
        Quantity,
        UnitPrice: eur(`${at + 1}0.55`),
      })),
      change: [],
      remove: [],
    },
  },
})
const invoice = (ref: string, more = {}) => ({
  key: ref,
  fields: {
    Plumbline_Ref__c: ref,
    Invoice_Number__c: ref,
    Status__c: 'Open',
    Net_Amount__c: eur('0.07'),
    Invoice_Date__c: '2026-11-22',
    ...more,
  },
  lists: {},
})

const entriesOf = (record: { fields: Readonly<Record<string, unknown>> } | undefined) =>
  record?.fields.OrderItems as { Id: string; Plumbline_Line__c: string; Quantity: number }[]

const idsIn = (native: Readonly<Record<string, unknown>> | undefined) =>
  entriesOf({ fields: native ?? {} }).map(({ Id }) => Id)

describe('an order with its products', () => {
  it('stands active and whole after one call, and its lines are known from the answer', async () => {
    const [end] = await write(system, 'Order', order('O-1'))
    if (end?.end !== 'written') throw new Error(JSON.stringify(end))
    const [there] = await read(system, 'Order', end.id)
    expect(there?.fields).toMatchObject({
      Plumbline_Ref__c: 'O-1',
      Status: 'Activated',
      ERP_Net_Total__c: eur('1120.30'),
      EffectiveDate: new Date().toISOString().slice(0, 10),
      OrderItems: [
        { Plumbline_Line__c: 'l1', Product2Id: goods.products[0], Quantity: 2, UnitPrice: eur('10.55') },
        { Plumbline_Line__c: 'l2', Product2Id: goods.products[1], Quantity: 3, UnitPrice: eur('20.55') },
      ],
    })
    expect(entriesOf(there).map(({ Id }) => Id)).toEqual(idsIn(end.native))
    expect(end.native).toMatchObject({ OrderItems: [{ Plumbline_Line__c: 'l1' }, { Plumbline_Line__c: 'l2' }] })
  })

  it('is one order with its lines once, however often it is created', async () => {
    const ends = [
      ...(await write(system, 'Order', order('O-2'), order('O-2b'))),
      ...(await write(system, 'Order', order('O-2'), order('O-2c'))),
    ]
    expect(ends.map(({ end }) => end)).toEqual(['written', 'written', 'written', 'written'])
    const ids = ends.map(end => (end.end === 'written' ? end.id : ''))
    expect(ids[2]).toBe(ids[0])
    const again = ends[2]
    expect(again?.end === 'written' && again.native?.OrderItems).toHaveLength(2)
    expect(entriesOf((await read(system, 'Order', ids[0] ?? ''))[0])).toHaveLength(2)
  })

  it('is completed when it stood half', async () => {
    const half = await system.create('Order', {
      Plumbline_Ref__c: 'O-3',
      AccountId: goods.account,
      EffectiveDate: '2026-11-01',
      Status: 'Draft',
      Pricebook2Id: goods.priceBook,
    })
    const [end] = await write(system, 'Order', order('O-3'))
    expect(end).toMatchObject({ end: 'written', id: half })
    expect((await read(system, 'Order', half))[0]?.fields).toMatchObject({
      Status: 'Activated',
      OrderItems: [{ Plumbline_Line__c: 'l1' }, { Plumbline_Line__c: 'l2' }],
    })
  })

  it('may have been created when the answer is lost; sending it again gives the same one', async () => {
    await system.faults({ commitThenDrop: { rate: 1 } })
    expect(await write(system, 'Order', order('O-4'))).toMatchObject([{ end: 'unknown' }])
    await system.calm()
    const [found] = (await objectNamed('Order').find?.(system.api, [order('O-4')])) ?? []
    expect(found).toHaveLength(1)
    expect(await write(system, 'Order', order('O-4'))).toMatchObject([{ end: 'written', id: found?.[0]?.id }])
    expect(entriesOf((await read(system, 'Order', found?.[0]?.id ?? ''))[0])).toHaveLength(2)
  })

  it('is refused alone, in words, and leaves nothing behind', async () => {
    const unpriced = await system.create('Product2', { Name: 'No price', ProductCode: 'NP', IsActive: true })
    const odd = order('O-5')
    const ends = await write(
      system,
      'Order',
      order('O-6'),
      {
        ...odd,
        lists: {
          OrderItems: {
            add: [{ Plumbline_Line__c: 'l1', Product2Id: unpriced, Quantity: 1, UnitPrice: eur('1.00') }],
            change: [],
            remove: [],
          },
        },
      },
      order('O-7', { Status: 'Nonsense' }),
      order('O-8', { ERP_Net_Total__c: { amount: '1.00', currency: 'USD' } }),
    )
    expect(ends.map(({ end }) => end)).toEqual(['written', 'refused', 'refused', 'refused'])
    expect(ends[1]).toMatchObject({ todo: 'Add the product to the price book in Salesforce.' })
    expect(ends[2]).toMatchObject({
      reason: expect.stringContaining('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'),
      todo: expect.stringContaining('picklist'),
    })
    expect(ends[3]).toMatchObject({ reason: expect.stringContaining('USD') })
    expect(await objectNamed('Order').find?.(system.api, [odd, order('O-7'), order('O-8')])).toEqual([[], [], []])
  })

  it('takes line operations while it is a draft, and tells the new lines', async () => {
    const [created] = await write(system, 'Order', order('O-9', { Status: 'Draft' }))
    if (created?.end !== 'written') throw new Error('not written')
    const [first, second] = idsIn(created.native)
    const [end] = await write(system, 'Order', {
      key: 'u',
      id: created.id,
      fields: { Status: 'Activated', PoNumber: 'Q-9' },
      lists: {
        OrderItems: {
          add: [{ Plumbline_Line__c: 'l3', Product2Id: goods.products[0], Quantity: 7, UnitPrice: eur('3.00') }],
          change: [{ id: native(first ?? ''), Quantity: 5 }],
          remove: [native(second ?? '')],
        },
      },
    })
    expect(end).toMatchObject({
      end: 'written',
      native: {
        Status: 'Activated',
        PoNumber: 'Q-9',
        OrderItems: [
          { Plumbline_Line__c: 'l1', Quantity: 5 },
          { Plumbline_Line__c: 'l3', Quantity: 7 },
        ],
      },
    })
    expect(
      await write(system, 'Order', { key: 'v', id: created.id, fields: { Status: 'Shipped' }, lists: {} }),
    ).toMatchObject([{ end: 'written' }])
  })

  it('takes line operations while it is active too: it is opened for them and activated again, and nobody sees the draft', async () => {
    const [created] = await write(system, 'Order', order('O-10'))
    if (created?.end !== 'written') throw new Error('not written')
    await write(system, 'Order', { key: 'u', id: created.id, fields: { Status: 'Shipped' }, lists: {} })
    const [first, second] = idsIn(created.native)
    const before = (await system.door('GET', 'journal?object=Order')).entries.length
    const [end] = await write(system, 'Order', {
      key: 'v',
      id: created.id,
      fields: { ERP_Net_Total__c: eur('42.20') },
      lists: {
        OrderItems: {
          add: [{ Plumbline_Line__c: 'freight', Product2Id: goods.products[1], Quantity: 1, UnitPrice: eur('3.00') }],
          change: [{ id: native(first ?? ''), Quantity: 1 }],
          remove: [native(second ?? '')],
        },
      },
    })
    expect(end).toMatchObject({
      end: 'written',
      native: {
        Status: 'Shipped',
        ERP_Net_Total__c: eur('42.20'),
        OrderItems: [
          { Plumbline_Line__c: 'l1', Quantity: 1 },
          { Plumbline_Line__c: 'freight', Quantity: 1 },
        ],
      },
    })
    const told = (await system.door('GET', 'journal?object=Order')).entries.slice(before)
    expect(told).toHaveLength(1)
    expect(told[0].fields).not.toHaveProperty('Status')
    const [invoiced] = await write(system, 'Order', {
      key: 'w',
      id: created.id,
      fields: { Status: 'Invoiced' },
      lists: { OrderItems: { add: [], change: [{ id: native(first ?? ''), UnitPrice: eur('9.00') }], remove: [] } },
    })
    expect(invoiced).toMatchObject({ end: 'written' })
    expect((await read(system, 'Order', created.id))[0]?.fields).toMatchObject({ Status: 'Invoiced' })
  })
})

describe('flat records', () => {
  it('are written two hundred at a time, each ending by itself', async () => {
    const many = Array.from({ length: 230 }, (_, at) =>
      invoice(`I-${at}`, at === 7 ? { Invoice_Number__c: 'x'.repeat(30) } : {}),
    )
    const ends = await write(system, 'Invoice__c', ...many)
    expect(ends.filter(({ end }) => end === 'written')).toHaveLength(229)
    expect(ends[7]).toMatchObject({
      end: 'refused',
      reason: expect.stringContaining('STRING_TOO_LONG'),
      todo: expect.stringContaining('Shorten'),
    })
    const again = await write(system, 'Invoice__c', ...many.slice(0, 5))
    expect(again).toMatchObject(ends.slice(0, 5))
    const ids = ends.flatMap(end => (end.end === 'written' ? [end.id] : []))
    const there = await read(system, 'Invoice__c', ...ids, native('a00000000000000AAA'))
    expect(there).toHaveLength(229)
    expect(there[0]?.fields).toMatchObject({
      Net_Amount__c: eur('0.07'),
      Invoice_Date__c: '2026-11-22',
      Order__c: null,
      CreatedDate: expect.stringMatching(/Z$/),
    })
  })

  it('keep amounts exact and are cleared by null', async () => {
    const [end] = await write(system, 'Invoice__c', invoice('I-exact', { Net_Amount__c: eur('12345678901234.56') }))
    if (end?.end !== 'written') throw new Error('not written')
    expect((await read(system, 'Invoice__c', end.id.slice(0, 15)))[0]).toMatchObject({
      id: end.id,
      fields: { Net_Amount__c: eur('12345678901234.56') },
    })
    await write(system, 'Invoice__c', {
      key: 'c',
      id: end.id,
      fields: { Net_Amount__c: null, Invoice_Date__c: null } as never,
      lists: {},
    })
    expect((await read(system, 'Invoice__c', end.id))[0]?.fields).toMatchObject({
      Net_Amount__c: null,
      Invoice_Date__c: null,
      Invoice_Number__c: 'I-exact',
    })
  })

  it('keep whole seconds of an instant, and the answer says so', async () => {
    const fields = { Plumbline_Ref__c: 'C-instant', Decided_At__c: '2026-11-22T09:30:25.761Z' } as never
    const [end] = await write(system, 'Consent__c', { key: 'C-instant', fields, lists: {} })
    if (end?.end !== 'written') throw new Error('not written')
    expect(end.native).toMatchObject({ Decided_At__c: '2026-11-22T09:30:25.000Z' })
    expect((await read(system, 'Consent__c', end.id))[0]?.fields).toMatchObject(end.native ?? {})
  })

  it('are listed page after page', async () => {
    for (let at = 0; at < 2_000; at += 200) {
      await write(system, 'Invoice__c', ...Array.from({ length: 200 }, (_, n) => invoice(`L-${at + n}`)))
    }
    const first = await objectNamed('Invoice__c').list?.(system.api)
    const rest = await objectNamed('Invoice__c').list?.(system.api, first?.next)
    expect(first?.records).toHaveLength(2_000)
    expect(rest?.next).toBeUndefined()
    const ids = [...(first?.records ?? []), ...(rest?.records ?? [])].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBeGreaterThan(2_200)
  })
})

describe('a call that fails', () => {
  const change = () => ({ key: 'a', id: goods.account, fields: { Name: 'Acme' }, lists: {} })

  const logins = async (): Promise<number> => (await system.door('GET', 'stats')).moments.login.length
  const settled = () => vi.waitFor(() => read(system, 'Account', goods.account), 3_000)

  it('logs in again once when the session ended, however many calls are turned away together', async () => {
    await settled()
    const before = await logins()
    await system.door('POST', 'expire-sessions')
    const ends = await Promise.all(Array.from({ length: 10 }, () => write(system, 'Account', change())))
    expect(ends.flat().map(end => end.end)).toEqual(Array(10).fill('written'))
    expect(await logins()).toBe(before + 1)
  })

  it('knows when no login helps: it says whom to look at, tries less and less often, and is well at once when healed', async () => {
    await settled()
    const before = await logins()
    await system.faults({ refused: { what: 'sessions' } })
    const ends = await Promise.all(Array.from({ length: 10 }, () => write(system, 'Account', change())))
    expect(ends.flat()).toEqual(
      Array(10).fill({
        end: 'unavailable',
        systemIsDown: true,
        tooManyAtOnce: false,
        retryAfterMs: 2_000,
        reason: expect.stringMatching(
          /lets client sandbox-admin log in and refuses the session.*INVALID_SESSION_ID.*Check/,
        ),
      }),
    )
    // A call that is made too soon is not sent at all.
    await expect(read(system, 'Account', goods.account)).rejects.toMatchObject({ systemIsDown: true })
    expect(await logins()).toBe(before + 1)
    for (const retryAfterMs of [5_000, 15_000, 60_000]) {
      await vi.waitFor(async () => {
        const [end] = await write(system, 'Account', change())
        expect(end).toMatchObject({ end: 'unavailable', retryAfterMs })
      }, 3_000)
    }
    expect(await logins()).toBe(before + 4)
    await system.calm()
    await settled()
    await system.faults({ refused: { what: 'logins' } })
    expect(await write(system, 'Account', change())).toMatchObject([
      { end: 'unavailable', retryAfterMs: 2_000, reason: expect.stringContaining('user is not admin approved') },
    ])
    await system.calm()
    await settled()
  })

  it('takes a page that speaks of maintenance for no answer at all', async () => {
    await settled()
    await system.faults({ maintenancePage: { rate: 1 } })
    expect(await write(system, 'Account', change())).toMatchObject([
      { end: 'unknown', systemIsDown: true, reason: expect.stringContaining('a web page ("Salesforce Maintenance")') },
    ])
    await expect(read(system, 'Account', goods.account)).rejects.toMatchObject({
      name: 'Unavailable',
      systemIsDown: true,
    })
    const newcomer = await org.spec.connect(system.settings, host)
    expect(await objectNamed('Account').write?.(newcomer, [change()])).toMatchObject([
      { end: 'unavailable', systemIsDown: true, reason: expect.stringContaining('logging in as sandbox-admin') },
    ])
    await system.calm()
  })

  it('does not know of a write whose answer was cut short, and finds it by its key', async () => {
    for (const how of ['cut', 'broken']) {
      const create = invoice(`I-${how}`)
      await system.faults({ truncatedBody: { rate: 1, how } })
      expect(await write(system, 'Invoice__c', create)).toMatchObject([{ end: 'unknown' }])
      await expect(objectNamed('Invoice__c').find?.(system.api, [create])).rejects.toMatchObject({
        name: 'Unavailable',
      })
      await system.calm()
      const [found] = (await objectNamed('Invoice__c').find?.(system.api, [create])) ?? []
      expect(found).toMatchObject([{ fields: { Invoice_Number__c: `I-${how}` } }])
    }
  })

  it('knows how many calls of the day are used', async () => {
    await system.faults({ requestLimit: { kind: 'daily', calls: 5_000 } })
    await read(system, 'Account', goods.account)
    const { apiCallsUsed } = await system.door('GET', 'stats')
    expect(org.spec.allowance?.(system.api)).toEqual({ used: apiCallsUsed, of: 5_000 })
    const { DailyApiRequests } = await system
      .person('GET', '/limits')
      .then(limits => JSON.parse(JSON.stringify(limits)))
    expect(DailyApiRequests).toEqual({ Max: 5_000, Remaining: 5_000 - apiCallsUsed - 1 })
    await system.faults({ requestLimit: { kind: 'daily', calls: apiCallsUsed + 2 } })
    expect(await write(system, 'Account', change())).toMatchObject([{ end: 'written' }])
    expect(await write(system, 'Account', change())).toMatchObject([{ end: 'unavailable', systemIsDown: true }])
    await system.calm()
  })

  it('waits a minute for the daily limit, a moment where calls are too many at once, and says that Salesforce is down', async () => {
    await system.faults({ requestLimit: { kind: 'daily' } })
    expect(await write(system, 'Account', change())).toMatchObject([
      { end: 'unavailable', retryAfterMs: 60_000, systemIsDown: true },
    ])
    await system.faults({ requestLimit: { kind: 'concurrent' } })
    const [crowded] = await write(system, 'Account', change())
    expect(crowded).toMatchObject({ end: 'unavailable', tooManyAtOnce: true, retryAfterMs: expect.any(Number) })
    expect(crowded).not.toHaveProperty('systemIsDown')
    await system.faults({ unavailable: { rate: 1 } })
    expect(await write(system, 'Account', change())).toMatchObject([{ end: 'unavailable', systemIsDown: true }])
  })

  it('is certainly not done when nobody listens or the secret is wrong', async () => {
    const nowhere = await org.spec.connect({ ...system.settings, loginUrl: 'http://127.0.0.1:9' }, host)
    expect(await objectNamed('Account').write?.(nowhere, [change()])).toMatchObject([
      { end: 'unavailable', systemIsDown: true },
    ])
    const stranger = await org.spec.connect({ ...system.settings, clientSecret: 'no' }, host)
    expect(await objectNamed('Account').write?.(stranger, [change()])).toMatchObject([
      { end: 'unavailable', reason: expect.stringContaining('invalid_client') },
    ])
  })

  it('takes no page of a proxy and no half answer for data', async () => {
    const answering = (status: number, body: string) =>
      org.spec.connect(system.settings, {
        ...host,
        fetch: async (input, init) =>
          String(input).includes('/oauth2/') ? fetch(input, init) : new Response(body, { status }),
      })
    expect(await objectNamed('Account').write?.(await answering(502, '<html>'), [change()])).toMatchObject([
      { end: 'unknown' },
    ])
    expect(await objectNamed('Account').write?.(await answering(503, '<html>'), [change()])).toMatchObject([
      { end: 'unavailable' },
    ])
    expect(await objectNamed('Account').write?.(await answering(200, '[{"id":"00'), [change()])).toMatchObject([
      { end: 'unknown' },
    ])
    await expect(objectNamed('Account').read?.(await answering(200, '<html>'), [goods.account])).rejects.toMatchObject({
      name: 'Unavailable',
    })
  })
})

it('proves the connection and tells the time of the system', async () => {
  await org.spec.test(system.api)
  expect(Math.abs(Date.parse(await org.spec.clock(system.api)) - Date.now())).toBeLessThan(2_000)
})

// What S/4HANA is asked while somebody waits: credit, prices of several lines, and when goods can be had.
import type { DateOnly } from '@plumbline/sdk'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sapS4 } from '../src/index.ts'
import { scheduleOf } from '../src/questions.ts'
import { book, eur, native, type System, startSystem, underWay } from './support.ts'

const { creditCheck, price, stock } = sapS4.questions
let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())
beforeEach(() => system.calm())

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10) as DateOnly
const line = (line: string, product: string, quantity: number, date?: DateOnly) => ({
  ...{ line, product: native(product), quantity },
  date,
})
const ask = (
  customer: string,
  lines: ReturnType<typeof line>[],
  more: { currency?: string; validity?: boolean } = {},
) => price.run(system.api, { customer: native(customer), currency: undefined, validity: undefined, lines, ...more })
const requests = async (): Promise<Record<string, number>> => {
  const stats = (await (await fetch(`${system.sandbox.url}/_sandbox/stats`)).json()) as {
    requests: Record<string, number>
  }
  return stats.requests
}

describe('credit', () => {
  it('says whether a customer may order for an amount', async () => {
    const small = await creditCheck.run(system.api, { customer: native('10100004'), amount: eur('499.00') })
    expect(small).toEqual({ approved: true, limit: eur('500.00'), exposure: eur('0.00') })
    expect(await creditCheck.run(system.api, { customer: native('10100004'), amount: eur('500.01') })).toMatchObject({
      approved: false,
    })
    const stranger = creditCheck.run(system.api, { customer: native('nobody'), amount: eur('1.00') })
    await expect(stranger).rejects.toMatchObject({ name: 'Refused' })
  })
})

describe('price', () => {
  it('prices several lines in one call, each with the conditions that it came from', async () => {
    const before = await requests()
    const answer = await ask('10200001', [line('a', 'TG12', 3), line('b', 'TG11', 100), line('c', 'TG20', 2)])
    expect(answer).toEqual({
      net: eur('2589.18'),
      tax: eur('485.11'),
      lines: [
        {
          ...{
            line: 'a',
            product: 'TG12 Trading good 12',
            quantity: 3,
            unit: eur('331.09'),
            net: eur('993.28'),
            tax: eur('188.72'),
            until: undefined,
          },
          conditions:
            'price 350.10 EUR for 1 PC; customer/material discount -1.50 EUR for 1 PC; customer discount -5 % (-52.52 EUR); tax 19 % (188.72 EUR)',
        },
        expect.objectContaining({ line: 'b', unit: eur('15.39'), net: eur('1539.00') }),
        expect.objectContaining({ line: 'c', net: eur('56.90'), tax: eur('3.98') }),
      ],
    })
    const simulations = 'POST API_SALES_ORDER_SIMULATION_SRV/A_SalesOrderSimulation'
    expect(((await requests())[simulations] ?? 0) - (before[simulations] ?? 0)).toBe(1)
  })

  it('takes lines without names, and none of a name twice', async () => {
    const unnamed = { product: native('TG11'), quantity: 1, date: undefined, line: undefined }
    const both = { customer: native('10100001'), currency: undefined, validity: undefined, lines: [unnamed, unnamed] }
    expect((await price.run(system.api, both)).lines.map(({ line }) => line)).toEqual(['1', '2'])
    await expect(ask('10100001', [line('a', 'TG11', 1), line('a', 'TG12', 1)])).rejects.toMatchObject({
      name: 'Refused',
    })
  })

  it('says until when the prices hold, and prices a line for its own day', async () => {
    const condition = { material: 'FG228', rate: '10.00', validFrom: inDays(5), validTo: inDays(9) }
    await system.door('clerk/condition', condition)
    const lines = [line('now', 'FG228', 1), line('action', 'FG228', 1, inDays(6)), line('ever', 'FG126', 1)]
    const answer = await ask('10100001', lines, { validity: true })
    expect(answer.lines.map(({ line, net, until }) => [line, net, until])).toEqual([
      ['now', eur('12.34'), inDays(4)],
      ['action', eur('10.00'), inDays(9)],
      ['ever', eur('99.90'), undefined],
    ])
  })

  it('is asked day by day, one call at a time, and not for any number of days', async () => {
    const days = Array.from({ length: 11 }, (_, at) => line(`on day ${at}`, 'TG11', 1, inDays(at)))
    underWay.most = 0
    expect((await ask('10100001', days.slice(0, 10))).net).toEqual(eur('175.50'))
    expect(underWay.most).toBe(1)
    await expect(ask('10100001', days)).rejects.toMatchObject({
      name: 'Refused',
      message: expect.stringContaining('11 different days'),
    })
  })

  it('is refused in words: nothing is priced, not in this currency, not for a stranger', async () => {
    const tomorrow = { material: 'UNPRICED', price: '1.00' }
    await system.door('materials', tomorrow)
    await system.door('clerk/condition', {
      material: 'UNPRICED',
      rate: '1.00',
      validFrom: '2020-01-01',
      validTo: '2020-12-31',
    })
    const unpriced = ask('10100001', [line('a', 'UNPRICED', 1, '2019-06-01')])
    await expect(unpriced).rejects.toMatchObject({
      name: 'Refused',
      message: 'S/4HANA has no price for UNPRICED on 2019-06-01',
      todo: expect.stringContaining('condition record'),
    })
    await expect(ask('10100001', [line('a', 'TG11', 1)], { currency: 'USD' })).rejects.toMatchObject({
      name: 'Refused',
      message: expect.stringContaining('Enter rate EUR / USD'),
    })
    await expect(ask('nobody', [line('a', 'TG11', 1)])).rejects.toMatchObject({
      name: 'Refused',
      message: expect.stringContaining('Customer nobody does not exist'),
    })
    await expect(ask('10100001', [line('a', 'NONE', 1)])).rejects.toMatchObject({ name: 'Refused' })
    await expect(ask('10100001', [line('a', 'TG11', 0)])).rejects.toMatchObject({ name: 'Refused' })
    await expect(ask('10100001', [])).rejects.toMatchObject({ name: 'Refused' })
  })

  it('is unavailable, and not refused, when the system is away, overrun, or has the material locked', async () => {
    const asked = () => ask('10100001', [line('a', 'TG11', 1)])
    await system.faults({ unavailable: { rate: 1 } })
    await expect(asked()).rejects.toMatchObject({ name: 'Unavailable' })
    await system.faults({ requestLimit: { rate: 1, retryAfterSeconds: 7 } })
    await expect(asked()).rejects.toMatchObject({ name: 'Unavailable', retryAfterMs: 7_000 })
    await system.faults({ commitThenDrop: { rate: 1, match: 'POST .*Simulation' } })
    await expect(asked()).rejects.toMatchObject({ name: 'Unavailable' })
    await system.calm()
    await system.door('clerk/lock', { material: 'TG11' })
    await expect(asked()).rejects.toMatchObject({ name: 'Unavailable', message: expect.stringContaining('locked by') })
    await system.door('clerk/lock', { material: 'TG11', free: true })
    expect((await asked()).net).toEqual(eur('17.55'))
  })

  it('is what the order then costs, though the customer has discounts', async () => {
    const { net, lines } = await ask('10200001', [line('a', 'TG12', 3)])
    const unit = lines[0]?.unit.amount ?? ''
    const quoted = { product: 'TG12', quantity: 3, price: unit }
    const booked = await book(system.api, 'Q-discounted', [quoted])
    expect([net, booked.native?.TotalNetAmount]).toEqual([eur('993.28'), eur('993.27')])
  })
})

describe('stock', () => {
  const has = (quantity: number, more: { date?: DateOnly; plant?: string } = {}) =>
    stock.run(system.api, { product: native('TG14'), quantity, date: undefined, plant: undefined, ...more })

  it('is there now, comes with each receipt, and is complete after replenishment', async () => {
    await system.door('warehouse/receipt', { material: 'TG14', quantity: '4', date: inDays(3) })
    expect(await has(3)).toEqual({ now: 5, schedule: [{ date: inDays(0), quantity: 3 }], by: inDays(0), plant: '1010' })
    expect(await has(12)).toEqual({
      now: 5,
      schedule: [
        { date: inDays(0), quantity: 5 },
        { date: inDays(3), quantity: 4 },
        { date: inDays(14), quantity: 3 },
      ],
      by: inDays(14),
      plant: '1010',
    })
    expect(await has(7, { date: inDays(4) })).toMatchObject({ schedule: [{ date: inDays(4), quantity: 7 }] })
    expect(await has(1, { plant: '1020' })).toMatchObject({ now: 0, by: inDays(14), plant: '1020' })
  })

  it('is refused for a plant or a material that there is not', async () => {
    await expect(has(1, { plant: '9999' })).rejects.toMatchObject({ name: 'Refused' })
    const none = { product: native('NONE'), quantity: 1, date: undefined, plant: undefined }
    await expect(stock.run(system.api, none)).rejects.toMatchObject({ name: 'Refused' })
  })

  it('is promised once, in order, and never more than is asked for', () => {
    const free = fc.integer({ min: -20, max: 200 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), free)),
        fc.integer({ min: 1, max: 150 }),
        (points, quantity) => {
          const series = points.map(([day, free]) => ({ date: inDays(day), free }))
          const { schedule, by } = scheduleOf(series, quantity, inDays(2))
          const promised = schedule.reduce((sum, one) => sum + one.quantity, 0)
          const most = Math.max(0, ...series.map(point => point.free))
          expect(promised).toBe(Math.min(quantity, most))
          expect(by).toBe(most >= quantity ? schedule.at(-1)?.date : undefined)
          expect(schedule.map(({ date }) => date)).toEqual([...new Set(schedule.map(({ date }) => date))].sort())
          expect(schedule.every(({ date, quantity }) => quantity > 0 && date >= inDays(2))).toBe(true)
        },
      ),
    )
  })
})

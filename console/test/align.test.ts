// A payload before and after mapping, field beside field.
import { describe, expect, test } from 'vitest'
import { align, isEqual, leavesOf } from '../src/screens/story/align.ts'

const told = (native: Record<string, unknown>, canonical: Record<string, unknown>) =>
  align(native, canonical).map(
    ({ kind, native, canonical }) => `${kind}: ${native?.path ?? '–'} → ${canonical?.path ?? '–'}`,
  )

describe('Two sides of a mapping', () => {
  test('a field that kept its name and its value stands beside itself', () => {
    expect(told({ Status: 'Accepted' }, { status: 'Accepted' })).toEqual(['same: Status → status'])
  })

  test('a field under another name is found by its value', () => {
    expect(told({ KUNNR: '0000100012' }, { customer: '0000100012' })).toEqual(['renamed: KUNNR → customer'])
  })

  test('a field with another value is found by its name', () => {
    expect(told({ Requested_Date__c: '/Date(1700000000000)/' }, { requestedDate: '2023-11-14' })).toEqual([
      'converted: Requested_Date__c → requestedDate',
    ])
  })

  test('figures are equal however they are written', () => {
    expect(told({ NetAmount: '1250.00' }, { worth: { amount: '1250', currency: 'EUR' } })).toEqual([
      'renamed: NetAmount → worth',
    ])
  })

  test('two flags that happen to be equal are not taken for each other', () => {
    expect(told({ IsDeleted: false }, { urgent: false })).toEqual(['canonical: – → urgent', 'native: IsDeleted → –'])
  })

  test('lines are compared with the lines at their place', () => {
    const native = { items: [{ Qty: '10' }, { Qty: '10' }] }
    const canonical = { lines: [{ quantity: '10' }, { quantity: '10' }] }
    expect(told(native, canonical)).toEqual([
      'renamed: items[0].Qty → lines[0].quantity',
      'renamed: items[1].Qty → lines[1].quantity',
    ])
  })

  test('what one side alone has is shown, never dropped', () => {
    const native = { Id: '0Q01', SystemModstamp: '2026-11-22T08:00:00Z', Empty: {} }
    const rows = align(native, { note: null })
    expect(rows.filter(row => row.native).map(row => row.native?.path)).toEqual(['Id', 'SystemModstamp', 'Empty'])
    expect(rows.filter(row => row.canonical).map(row => row.canonical?.path)).toEqual(['note'])
  })
})

test('an amount and another record are one value each', () => {
  const price = { amount: '10', currency: 'EUR' }
  const customer = { id: 'customer-1', contract: 'customer' }
  expect(leavesOf({ price, customer })).toEqual([
    { path: 'price', value: price },
    { path: 'customer', value: customer },
  ])
  expect([isEqual(price, '10.00'), isEqual(price, { amount: '10', currency: 'USD' })]).toEqual([true, false])
})

test('every value has its way', () => {
  expect(leavesOf({ a: { b: [1, { c: null }] }, d: [] }).map(leaf => leaf.path)).toEqual(['a.b[0]', 'a.b[1].c', 'd'])
})

test('equal is what is worth the same, not what looks alike', () => {
  expect([isEqual('10', 10), isEqual('10.50', '10.5'), isEqual('010', '10'), isEqual(null, 'null')]).toEqual([
    true,
    true,
    false,
    false,
  ])
})

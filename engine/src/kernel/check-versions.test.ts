// Whether plumb check sees that records of an older version of a contract could not be read, or that a standard's name is of no field.
import { contract, project, role, text } from '@plumbline/sdk'
import { expect, test } from 'vitest'
import { check } from './check.ts'

type Versions = {
  readonly version?: number
  readonly upgrades?: Record<number, (old: object) => Record<string, unknown>>
}
const found = (versions: Versions): string[] => {
  const Order = contract('order', { number: text('Number').ownedBy('erp') }, versions)
  const of = project('acme', {
    contracts: [Order],
    roles: [role('erp', { holds: [Order] })],
    systems: [],
    workflows: [],
  })
  return check(of)
    .filter(({ code }) => code.startsWith('upgrade-'))
    .map(({ code, sentence }) => `${code}: ${sentence}`)
}
const same = (old: object): Record<string, unknown> => ({ ...old })

test('a contract without versions, and one whose older versions can all be read, are well', () => {
  expect(found({})).toEqual([])
  expect(found({ version: 3, upgrades: { 1: same, 2: same } })).toEqual([])
})

test('a version without its upgrade is found', () => {
  expect(found({ version: 3, upgrades: { 1: same } })).toEqual([
    'upgrade-missing: It is at version 3, and nothing says how a record of version 2 becomes one of version 3.',
  ])
})

test('an upgrade of a version that was not left behind is found, and a version that is none', () => {
  expect(found({ upgrades: { 1: same } })).toEqual([
    'upgrade-stray: It says how a record of version 1 is upgraded, and is itself at version 1.',
  ])
  expect(found({ version: 1.5 })).toEqual(['upgrade-missing: Its version is 1.5: versions count from 1.'])
})

test('what standards call a field that the contract does not have is found', () => {
  const number = text('Number').ownedBy('erp')
  const Order = contract('order', { number }, { standards: { number: { ubl: 'Order/ID' }, name: { ubl: 'Note' } } })
  const of = project('acme', {
    contracts: [Order],
    roles: [role('erp', { holds: [Order] })],
    systems: [],
    workflows: [],
  })
  const about = check(of).filter(({ code }) => code === 'standard-unknown')
  expect(about.map(({ sentence }) => sentence)).toEqual(['"order" has no field "name".'])
})

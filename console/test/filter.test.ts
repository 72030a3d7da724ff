// What is chosen in the list of journeys, and its address.
import { describe, expect, test } from 'vitest'
import { choose, chosenFrom, hasChoices, paramsOf, toggled } from '../src/screens/journeys/filter.ts'
import { parsePlain, stringifyPlain } from '../src/words/address.ts'

const through = (address: string) => chosenFrom(parsePlain(address))

describe('The address of the list', () => {
  test('says what is chosen, and a colleague who opens it sees the same', () => {
    const chosen = through('?stage=Credit+cleared&late=true&worth=over-100k&sort=worth')
    expect(chosen).toEqual({ stage: 'Credit cleared', late: true, worth: 'over-100k', sort: 'worth' })
    expect(through(stringifyPlain(chosen))).toEqual(chosen)
  })

  test('keeps a number with leading zeros as it is written', () => {
    expect(through('?search=00000017')).toEqual({ search: '00000017' })
  })

  test('leaves out what the list does not know, instead of failing', () => {
    expect(through('?state=asleep&age=century&nonsense=1&page=7')).toEqual({})
  })

  test('tells "no stage yet" from "any stage"', () => {
    expect(through('?stage=')).toEqual({ stage: '' })
    expect(through('')).toEqual({})
  })
})

describe('What is asked for', () => {
  test('is open journeys, when nothing is chosen', () => {
    expect(paramsOf({})).toMatchObject({ state: 'open' })
  })

  test('is every journey, when open and ended ones are chosen', () => {
    expect(paramsOf({ state: 'all' })).not.toHaveProperty('state')
  })
})

describe('A choice', () => {
  test('begins at the first page again', () => {
    expect(choose({ late: true, after: 'cursor', page: 4 }, { system: 's4' })).toEqual({ late: true, system: 's4' })
  })

  test('is taken back when it is pressed again', () => {
    const once = toggled({ late: true }, { stage: 'Booked' })
    expect(once).toEqual({ late: true, stage: 'Booked' })
    expect(toggled(once, { stage: 'Booked' })).toEqual({ late: true })
  })

  test('of an order alone narrows nothing', () => {
    expect(hasChoices({ sort: 'worth' })).toBe(false)
    expect(hasChoices({ stage: '' })).toBe(true)
  })
})

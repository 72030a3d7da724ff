// The codec of what tells of a person: what goes in comes out for whoever has the key, and is nothing to anybody else.
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IV_BYTES, KEY_BYTES, type Key, type KeyOf, MARK, open, seal, subjectsIn } from './seal.ts'

const iv = (): Buffer => randomBytes(IV_BYTES)
const keyOf = (): Key => ({ is: 'there', bytes: randomBytes(KEY_BYTES) })
const ERASED: Key = { is: 'erased', at: new Date('2026-11-22T10:00:00Z') }
/** As JSON keeps it: it knows no -0. */
const json = fc.jsonValue().map(value => JSON.parse(JSON.stringify(value)))
const subject = fc.stringMatching(/^[a-z]{1,12}-[0-9a-z]{1,20}$/)
const withKeys =
  (keys: Readonly<Record<string, Key>>): KeyOf =>
  name =>
    keys[name]

test('whatever was sealed is what is opened, alone, in a record and in a text', () => {
  fc.assert(
    fc.property(subject, json, fc.string({ unit: 'grapheme' }), (who, value, around) => {
      const key = keyOf()
      const sealed = seal(who, key, value, iv())
      const keys = withKeys({ [who]: key })
      const stored = JSON.stringify({ field: sealed, list: [{ deep: sealed }], other: 7 })
      expect(open(JSON.parse(stored), keys, 'absent')).toEqual({ field: value, list: [{ deep: value }], other: 7 })
      const clean = around.replaceAll(MARK, '')
      const text = open(`${clean} ${sealed}.`, keys, 'in words')
      expect(text).toBe(`${clean} ${typeof value === 'string' ? value : JSON.stringify(value)}.`)
      expect([...subjectsIn(JSON.parse(stored))]).toEqual([who])
    }),
  )
})

test('without the key, with another one, or changed by one letter, it stays closed', () => {
  fc.assert(
    fc.property(subject, subject, fc.string({ minLength: 6 }), fc.nat(), (who, other, value, at) => {
      const key = keyOf()
      const sealed = seal(who, key, value, iv())
      expect(sealed).not.toContain(value)
      expect(open(sealed, withKeys({}), 'absent')).toBe(sealed)
      expect(open(sealed, withKeys({ [who]: keyOf() }), 'absent')).toBe(sealed)
      // The seal of one person put in another's name.
      const forged = sealed.replace(`${MARK}${who}:`, `${MARK}${other}:`)
      if (other !== who) expect(open(forged, withKeys({ [other]: key }), 'absent')).toBe(forged)
      const body = Buffer.from(sealed.slice(who.length + 2, -1), 'base64url')
      body.writeUInt8(body.readUInt8(at % body.length) ^ 1, at % body.length)
      const changed = `${MARK}${who}:${body.toString('base64url')}⟧`
      expect(open(changed, withKeys({ [who]: key }), 'absent')).toBe(changed)
    }),
  )
})

test('of the erased the stages see nothing, people the day, and nothing new is kept', () => {
  fc.assert(
    fc.property(subject, fc.string({ minLength: 1 }), (who, value) => {
      const sealed = seal(who, keyOf(), value, iv())
      const erased = withKeys({ [who]: ERASED })
      expect(open({ a: sealed, b: [sealed], c: 1 }, erased, 'absent')).toEqual({ b: [null], c: 1 })
      expect(open({ a: sealed }, erased, 'in words')).toEqual({ a: 'erased on 2026-11-22' })
      expect(open(`Dear ${sealed}`, erased, 'absent')).toBe('Dear erased on 2026-11-22')
      expect(seal(who, ERASED, value, iv())).toBe(`${MARK}${who}:⟧`)
    }),
  )
})

test('the same value is sealed differently each time', () => {
  const key = keyOf()
  expect(seal('contact-1', key, 'Ada', iv())).not.toBe(seal('contact-1', key, 'Ada', iv()))
})

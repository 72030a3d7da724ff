// The one codec of what tells of a person: a value becomes a seal, which names whose key opens it. AES-256-GCM; the person's name
// is authenticated with it. A seal may stand alone or within a text. Pure, but for the random bytes that it is given.
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'

/** How a seal begins. No Latin text has it, so that looking for it in one costs next to nothing. */
export const MARK = '⟦'
const SEAL = /⟦([^⟦⟧:\s]{1,200}):([\w-]*)⟧/gu
const ALONE = /^⟦([^⟦⟧:\s]{1,200}):([\w-]*)⟧$/u
const ALGORITHM = 'aes-256-gcm'
export const KEY_BYTES = 32
export const IV_BYTES = 12
const TAG_BYTES = 16

/** What became of a subject's key; nothing when there never was one: then it is no seal of ours. */
export type Key = { readonly is: 'there'; readonly bytes: Buffer } | { readonly is: 'erased'; readonly at: Date }
export type KeyOf = (subject: string) => Key | undefined

/** Of an erased person nothing is kept but that there was something. */
export const seal = (subject: string, key: Key, value: unknown, iv: Buffer): string =>
  `⟦${subject}:${key.is === 'erased' ? '' : encrypt(key.bytes, subject, JSON.stringify(value), iv).toString('base64url')}⟧`

export function encrypt(key: Buffer, about: string, text: string | Buffer, iv: Buffer): Buffer {
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(Buffer.from(about))
  const body = Buffer.concat([
    typeof text === 'string' ? cipher.update(text, 'utf8') : cipher.update(text),
    cipher.final(),
  ])
  return Buffer.concat([iv, cipher.getAuthTag(), body])
}

/** Nothing when it was not sealed with this key, for this subject, exactly so. */
export function decrypt(key: Buffer, about: string, sealed: Buffer): Buffer | undefined {
  if (sealed.length < IV_BYTES + TAG_BYTES) return undefined
  const opener = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES))
    .setAAD(Buffer.from(about))
    .setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  try {
    return Buffer.concat([opener.update(sealed.subarray(IV_BYTES + TAG_BYTES)), opener.final()])
  } catch {
    return undefined
  }
}

/** For what must be found again without being read: the same value gives the same word, to those who have the key. */
export const keyedHash = (key: Buffer, ...parts: readonly string[]): string =>
  createHmac('sha256', key).update(parts.join('\u0000')).digest('base64url')

/** Whose seals are in a value, however deep. */
export function subjectsIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value === 'string') {
    if (value.includes(MARK)) for (const [, subject = ''] of value.matchAll(SEAL)) found.add(subject)
  } else if (isBag(value)) for (const inner of Object.values(value)) subjectsIn(inner, found)
  return found
}

/** How an erased value is seen: by people in words, by the stages not at all, so that nobody takes the words for a value. */
export type Erased = 'in words' | 'absent'

const erasedWords = (at: Date): string => `erased on ${at.toISOString().slice(0, 10)}`

/** Opens every seal in a value, in its place; what has another's mark and is no seal of ours stays as it is. `told` hears of each. */
export function open(
  value: unknown,
  keyOf: KeyOf,
  erased: Erased,
  told: (subject: string, value: unknown) => void = () => undefined,
): unknown {
  if (typeof value === 'string') return value.includes(MARK) ? openText(value, keyOf, erased, told) : value
  if (!isBag(value)) return value
  const bag = value as Record<string, unknown>
  for (const [name, inner] of Object.entries(bag)) {
    const now = open(inner, keyOf, erased, told)
    if (now === inner) continue
    if (now !== undefined) bag[name] = now
    else if (Array.isArray(value)) bag[name] = null
    else delete bag[name]
  }
  return value
}

function openText(
  text: string,
  keyOf: KeyOf,
  erased: Erased,
  told: (subject: string, value: unknown) => void,
): unknown {
  const one = (whole: string, subject: string, body: string): unknown => {
    const key = keyOf(subject)
    if (!key) return whole
    if (key.is === 'erased') return erasedWords(key.at)
    const opened = decrypt(key.bytes, subject, Buffer.from(body, 'base64url'))
    if (!opened) return whole
    const value: unknown = JSON.parse(opened.toString('utf8'))
    told(subject, value)
    return value
  }
  const alone = ALONE.exec(text)
  if (alone) {
    const [whole, subject = '', body = ''] = alone
    return erased === 'absent' && keyOf(subject)?.is === 'erased' ? undefined : one(whole, subject, body)
  }
  return text.replace(SEAL, (whole, subject: string, body: string) => {
    const value = one(whole, subject, body)
    return typeof value === 'string' ? value : JSON.stringify(value)
  })
}

const isBag = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof Date) && !Buffer.isBuffer(value)

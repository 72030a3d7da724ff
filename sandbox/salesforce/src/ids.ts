// Salesforce record ids: 15 case-sensitive characters, or 18 with a checksum that makes them safe to compare without case.
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const CHECKSUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'
const INSTANCE = '5f'

const ID_15 = /^[0-9A-Za-z]{15}$/
const ID_18 = /^[0-9A-Za-z]{15}[A-Z0-5]{3}$/i

/** The 18 character form of a 15 character id. */
function withChecksum(id15: string): string {
  let suffix = ''
  for (let block = 0; block < 15; block += 5) {
    let bits = 0
    for (let i = 0; i < 5; i++) {
      const code = id15.charCodeAt(block + i)
      if (code >= 65 && code <= 90) bits |= 1 << i
    }
    suffix += CHECKSUM.charAt(bits)
  }
  return id15 + suffix
}

/** The 18 character form of a 15 or 18 character id; undefined when the text is no id at all. */
export function toId18(text: string): string | undefined {
  if (text.length === 18) return ID_18.test(text) && withChecksum(text.slice(0, 15)) === text ? text : undefined
  if (text.length === 15) return ID_15.test(text) ? withChecksum(text) : undefined
  return undefined
}

/** The nth id of an object with this key prefix. */
export function makeId(prefix: string, serial: number): string {
  let digits = ''
  for (let rest = serial; rest > 0; rest = Math.floor(rest / 62)) digits = DIGITS.charAt(rest % 62) + digits
  return withChecksum(prefix + INSTANCE + digits.padStart(10, '0'))
}

/** The serial number that makeId put into an id. */
export function serialOf(id: string): number {
  let serial = 0
  for (const digit of id.slice(5, 15)) serial = serial * 62 + DIGITS.indexOf(digit)
  return serial
}

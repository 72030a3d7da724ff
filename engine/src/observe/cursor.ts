// Where a page of a list ended: the time and the key of its last row, as one word for whoever asks for the next page.

/** A cursor that was not ours is a mistake of the caller, who is told so. */
export class BadCursor extends Error {}

export const cursorOf = (...parts: readonly string[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url')

/** A time as PostgreSQL writes it. */
export const isTime = (text: string): boolean => /^\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d(:\d\d)*$/.test(text)

export function fromCursor(cursor: string): [time: string, key: string] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(parts) && typeof parts[0] === 'string' && typeof parts[1] === 'string') {
      if (isTime(parts[0]) && !parts[1].includes('\u0000')) return [parts[0], parts[1]]
    }
  } catch {
    // Said below.
  }
  throw new BadCursor(`"${cursor}" is not the "next" of a page of this list`)
}

// What stands behind the `?` of an address: plain texts, so that people can read and change it.

export type Plain = Readonly<Record<string, string>>

export const parsePlain = (search: string): Plain => Object.fromEntries(new URLSearchParams(search))

export function stringifyPlain(search: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== null)
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return text === '' ? '' : `?${text}`
}

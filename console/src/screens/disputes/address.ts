// What the address of the disputes says: which of them, so that it can be sent to a colleague.
export type DisputesAddress = {
  /** A record, by any number or name. */
  readonly about?: string
  readonly contract?: string
  readonly field?: string
  readonly system?: string
  /** Who made them, as the system names them. */
  readonly by?: string
  /** How they are counted, where it is not by person. */
  readonly count?: 'field'
}

const NAMES = ['about', 'contract', 'field', 'system', 'by'] as const

export function disputesAddress(asked: Readonly<Record<string, unknown>>): DisputesAddress {
  const given = NAMES.flatMap(name => {
    const value = asked[name]
    return typeof value === 'string' && value.trim() !== '' && value.length <= 200 ? [[name, value]] : []
  })
  return { ...Object.fromEntries(given), ...(asked.count === 'field' && { count: 'field' }) }
}

export const isNarrowed = (address: DisputesAddress): boolean => NAMES.some(name => address[name] !== undefined)

/** All of them, counted as before. */
export const notNarrowed = ({ count }: DisputesAddress): DisputesAddress => (count === undefined ? {} : { count })

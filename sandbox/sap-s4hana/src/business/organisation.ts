// The enterprise structure and customizing of this system: what an administrator set up, not data.
import { refused } from '../odata/errors.ts'

export interface SalesArea {
  readonly organisation: string
  readonly channel: string
  readonly division: string
  readonly companyCode: string
  readonly plant: string
  readonly currency: string
}

const SALES_AREAS: readonly SalesArea[] = [
  { organisation: '1010', channel: '10', division: '00', companyCode: '1010', plant: '1010', currency: 'EUR' },
]

/** Where goods are kept and delivered from. */
export const PLANTS: readonly string[] = ['1010', '1020']

export const HOME_AREA: SalesArea = {
  organisation: '1010',
  channel: '10',
  division: '00',
  companyCode: '1010',
  plant: '1010',
  currency: 'EUR',
}

export const ORDER_TYPES: readonly string[] = ['OR', 'TA']

export function salesAreaOf(organisation: string, channel: string, division: string): SalesArea {
  const area = SALES_AREAS.find(
    each => each.organisation === organisation && each.channel === channel && each.division === division,
  )
  if (!area)
    throw refused('V1/384', `Sales area ${organisation} ${channel} ${division} is not defined`, 'SalesOrganization')
  return area
}

export const salesAreaOfOrganisation = (organisation: string): SalesArea =>
  SALES_AREAS.find(area => area.organisation === organisation) ?? HOME_AREA

const TAX_PERCENT: Readonly<Record<string, Readonly<Record<string, string>>>> = { DE: { '1': '19', '2': '7' } }

/** The rate by the customer's country and the material's tax class; abroad nothing is charged. */
export const taxPercent = (country: string, taxClass: string): string => TAX_PERCENT[country]?.[taxClass] ?? '0'

const ISO_UNITS: Readonly<Record<string, string>> = {
  PC: 'PCE',
  EA: 'EA',
  KG: 'KGM',
  G: 'GRM',
  L: 'LTR',
  M: 'MTR',
  H: 'HUR',
  BOX: 'BX',
  CV: 'CT',
}

export const isoUnit = (unit: string): string => ISO_UNITS[unit] ?? unit

export const internalUnit = (iso: string): string =>
  Object.entries(ISO_UNITS).find(([, code]) => code === iso)?.[0] ?? (iso === 'C62' ? 'PC' : iso)

/** What a material that is not in stock takes to arrive. */
export const REPLENISHMENT_DAYS = 14

// What a search found, put into groups: journeys first, then the records by their kind.
import type { SearchHit } from '../api/types.ts'

export type Group = { readonly name: string; readonly hits: readonly SearchHit[] }

export function groupsOf(hits: readonly SearchHit[]): Group[] {
  const journeys = hits.filter(hit => hit.kind === 'journey')
  const records = Map.groupBy(
    hits.filter(hit => hit.kind === 'record'),
    hit => hit.contract,
  )
  return [
    ...(journeys.length > 0 ? [{ name: 'Journeys', hits: journeys }] : []),
    ...[...records].map(([contract, found]) => ({ name: pluralOf(contract), hits: found })),
  ]
}

/** `invoice` is "Invoices", `company` is "Companies". */
function pluralOf(contract: string): string {
  const many = /[^aeiou]y$/.test(contract) ? `${contract.slice(0, -1)}ies` : `${contract}s`
  return `${many.charAt(0).toUpperCase()}${many.slice(1)}`
}

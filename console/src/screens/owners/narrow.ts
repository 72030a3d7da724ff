// The matrix narrowed: to a contract, to what a system keeps, to a word wherever it stands.
import type { OwnedContract, OwnedField, Owners } from '../../api/types.ts'
import type { OwnersAddress } from './address.ts'

/** Contracts without a field that is left are left out. */
export const narrowed = ({ contracts }: Owners, { contract, system, search }: OwnersAddress): OwnedContract[] =>
  contracts
    .filter(one => contract === undefined || one.contract === contract)
    .map(one => ({
      ...one,
      fields: one.fields.filter(
        field => (system === undefined || isKeptIn(field, system)) && (search === undefined || has(one, field, search)),
      ),
    }))
    .filter(one => one.fields.length > 0)

const isKeptIn = ({ cells }: OwnedField, system: string): boolean =>
  cells.some(cell => cell.systems.some(one => one.system === system && one.keptIn.length > 0))

/** Every word is somewhere: in what the field is called, here or in a system, or in whose it is. */
function has({ label, contract }: OwnedContract, field: OwnedField, search: string): boolean {
  const places = field.cells.flatMap(cell => cell.systems.flatMap(one => [...one.keptIn, one.reason ?? '']))
  const all = [label, contract, field.label, field.of ?? '', field.field, field.ownedBy, ...places]
    .join(' ')
    .toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => all.includes(word))
}

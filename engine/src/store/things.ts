// What records that lines point to say of themselves: a product's units, for instance. Read only where a mapping counts in units.
import type { Plan } from '../kernel/plan.ts'
import type { Thing } from '../kernel/vocabulary.ts'
import type { Tx } from './db.ts'
import { readSurvivors } from './records.ts'

export async function thingsOf(tx: Tx, plan: Plan, refs: readonly string[]): Promise<ReadonlyMap<string, Thing>> {
  const wanted = [...new Set(refs)]
  const records = wanted.length === 0 ? [] : [...(await readSurvivors(tx, wanted))]
  return new Map(
    records.flatMap(([asked, { ref, contract: name, fields }]): [string, Thing][] => {
      const contract = plan.contracts.get(name)
      const { match } = contract?.options ?? {}
      return contract ? [[asked, { ref, name: String((match && fields[match]) || ref), contract, fields }]] : []
    }),
  )
}

/** The refs in these fields of the lines of a record. */
export const refsOfLines = (
  counted: readonly { readonly list: string; readonly of: string }[],
  fields: Readonly<Record<string, unknown>>,
): string[] =>
  counted.flatMap(({ list, of }) =>
    (Array.isArray(fields[list]) ? fields[list] : []).flatMap((line: Readonly<Record<string, unknown>>) => {
      const ref = line[of]
      return typeof ref === 'object' && ref !== null && 'id' in ref ? [String(ref.id)] : []
    }),
  )

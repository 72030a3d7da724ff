// Sentences for people: what a record points to is called by its name, "Customer Acme", where the sentence has its ref.
import type { AnyContract } from '@plumbline/sdk'
import { titleOf } from '../kernel/naming.ts'
import type { Tx } from './db.ts'
import { readRecords } from './records.ts'

/** `customer customer-1x4…`, as `valueWords` writes a ref. */
const pointed = /\b([a-z][\w-]*) (\1-[0-9a-z]{20})\b/g

export type Calling = (sentence: string) => string

/** Reads nothing where no sentence speaks of another record. */
export async function calledByName(
  tx: Tx,
  contracts: ReadonlyMap<string, AnyContract>,
  sentences: readonly string[],
): Promise<Calling> {
  const refs = sentences.flatMap(sentence => [...sentence.matchAll(pointed)].map(([, , ref = '']) => ref))
  if (refs.length === 0) return sentence => sentence
  const titles = new Map(
    (await readRecords(tx, [...new Set(refs)])).flatMap(record => {
      const contract = contracts.get(record.contract)
      // A person is not named in what is said of another record: it would stay when they are erased.
      const isPerson = tx.sealing.personal.fieldsOf(record.contract) !== undefined
      return contract && record.version > 0 && !isPerson ? [[record.ref, titleOf(contract, record)]] : []
    }),
  )
  return sentence => sentence.replace(pointed, (said, _, ref: string) => titles.get(ref) ?? said)
}

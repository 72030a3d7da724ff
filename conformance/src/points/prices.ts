// Prices: what is asked for is answered exactly, in the way that the connector declares, and leaves nothing behind.
import type { Trial } from '../trial.ts'
import { Absent, must, same, told } from '../verdict.ts'

export const prices = [
  {
    point: 'flag-prices',
    says: 'Prices are asked for in the way that is declared, are exact, and asking leaves nothing behind',
    once: true,
    run: async (trial: Trial) => {
      const { priceMode } = trial.connector.spec
      if (!priceMode) throw new Absent('The connector answers no questions for prices')
      const asked = trial.system.price
      must(asked, `It declares "${priceMode}", and the kit is not told what to ask`)
      const question = trial.connector.questions[asked.question]
      must(question, `The connector has no question ${asked.question}`)
      const before = (await trial.all()).length
      const { result: answer, calls } = await trial.proxy.watching(() => question.run(trial.api, asked.asks))
      must(contains(answer, asked.answers), `The answer is ${told(answer)}, and not ${told(asked.answers)}`)
      must((await trial.all()).length === before, 'After the question there is a record more')
      if (priceMode === 'query')
        must(
          !calls.some(({ method }) => method !== 'GET'),
          'Prices are declared to be read, and a call was made that writes',
        )
    },
  },
] as const

/** Whether all that is expected is there; more may be. */
function contains(there: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return same(there, expected)
  if (typeof there !== 'object' || there === null) return false
  const of = new Map(Object.entries(there))
  return Object.entries(expected).every(([name, value]) => contains(of.get(name), value))
}

// Price book entries are remembered for all writes; what one write forgets must not be missing in another.
import { expect, it } from 'vitest'
import { PriceBook } from '../src/prices.ts'

const seal = { priceBook: 'standard', product: 'seal' }
const pump = { priceBook: 'standard', product: 'pump' }
const rowOf = ({ priceBook, product }: typeof seal) => ({
  Id: `entry-${product}`,
  Pricebook2Id: priceBook,
  Product2Id: product,
})

it('keeps for a write what it knew, though another write forgets it meanwhile', async () => {
  const book = new PriceBook()
  await book.learn(async () => [rowOf(seal)], [seal])
  const entries = await book.learn(async () => {
    book.forget(seal)
    return [rowOf(pump)]
  }, [seal, pump])
  expect([entries(seal), entries(pump)]).toEqual(['entry-seal', 'entry-pump'])
  let asked = ''
  await book.learn(
    async soql => {
      asked = soql
      return []
    },
    [seal, pump],
  )
  expect(asked).toContain('seal')
  expect(asked).not.toContain('pump')
})

// What a retry would do, in sentences.
import { expect, test } from 'vitest'
import { sentencesOf } from '../src/parts/retry.ts'

const nothing = { journeys: [], deliveries: [], changes: [], feeds: [], lanes: [] }

test('a preview says in sentences what goes on, is sent and is read again', () => {
  const sentences = sentencesOf({
    ...nothing,
    journeys: ['j-1', 'j-2'],
    deliveries: [{ ref: 'order-1', system: 's4' }],
    lanes: ['s4'],
  })
  expect(sentences).toEqual(['2 journeys go on.', '1 write to s4 is sent.', 'Calls to s4 are allowed again.'])
})

test('where nothing is held back there is nothing to say', () => {
  expect(sentencesOf(nothing)).toEqual([])
})

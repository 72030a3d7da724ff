// A short soak: whatever people in three systems edit at once, every system ends with what ownership says.
import { expect, test } from 'vitest'
import { freshDatabase } from '../../test/support/postgres.ts'
import { soakOn } from './soak.ts'

test('after random edits in three systems, with faults, each holds what ownership says, and nothing was written in vain', async () => {
  const database = await freshDatabase()
  try {
    const { failures, echo, ran } = await soakOn(
      database.url,
      { runs: 12, commands: 12, seed: 1, withFaults: true },
      () => undefined,
    )
    expect(failures).toEqual([])
    expect({ ran, echo }).toEqual({ ran: 12, echo: 0 })
  } finally {
    await database.drop()
  }
}, 240_000)

// A preview does in its transaction all that was asked for, and takes it back: what it answers is what would happen.
import type { Db, Tx } from '../store/db.ts'

class TakenBack extends Error {}

/** Answers what the work answers; `after` is called when it was not a preview, once the work is committed. */
export async function previewable<T>(
  db: Db,
  dryRun: boolean,
  work: (tx: Tx) => Promise<T>,
  after: () => void,
): Promise<T> {
  let preview: { readonly answer: T } | undefined
  try {
    const answer = await db.transaction(async tx => {
      const answer = await work(tx)
      if (!dryRun) return answer
      preview = { answer }
      throw new TakenBack()
    })
    after()
    return answer
  } catch (error) {
    if (error instanceof TakenBack && preview) return preview.answer
    throw error
  }
}

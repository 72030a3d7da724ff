// A comparison of what a system has with what we hold of it: what it has found so far, and its story in words.

export type ComparisonKind = 'lost' | 'overflow' | 'sweep'

/** How far one object is. First what changed since a time (`changed`), then all there is (`all`), then what was not seen there (`missing`). */
export type ObjectProgress = {
  readonly phase: 'changed' | 'all' | 'missing' | 'done'
  /** Where the next page begins. */
  readonly page?: string | undefined
  readonly read: number
  /** Differs from what we held. */
  readonly changed: number
  /** Never told to us. */
  readonly unknown: number
  /** No longer there. */
  readonly gone: number
}
export const notBegun: Omit<ObjectProgress, 'phase'> = { read: 0, changed: 0, unknown: 0, gone: 0 }

export type Progress = Readonly<Record<string, ObjectProgress>>
export type Found = Pick<ObjectProgress, 'read' | 'changed' | 'unknown' | 'gone'>

export const foundIn = (progress: Progress): Found =>
  Object.values(progress).reduce(
    (sum, one) => ({
      read: sum.read + one.read,
      changed: sum.changed + one.changed,
      unknown: sum.unknown + one.unknown,
      gone: sum.gone + one.gone,
    }),
    notBegun,
  )

export type Told = {
  readonly system: string
  readonly kind: ComparisonKind
  readonly objects: readonly string[]
  readonly since: Date | null
  readonly reason: string
  readonly preview: boolean
  readonly progress: Progress
  readonly read_at: Date | null
  readonly ended_at: Date | null
}

/** Why, how far, what was found, and when it ended: one line for people. */
export function storyOf(told: Told): string {
  const { kind, reason, ended_at } = told
  const found = foundIn(told.progress)
  const counts = `${found.read} looked at: ${found.changed} had changed, ${found.unknown} were never told, ${found.gone} are gone`
  if (kind === 'sweep') return ended_at ? `${reason}. ${counts}.` : `${reason}. ${farOf(told)}. So far ${counts}.`
  const span = told.since ? ` Everything that changed since ${told.since.toISOString()} (its clock) ` : ' Everything '
  return ended_at
    ? `${reason}.${span}was read, and the rest compared; ${counts}. All of it is brought in since ${ended_at.toISOString()}.`
    : `${reason}.${span}is being read, and the rest compared. ${farOf(told)}. So far ${counts}.`
}

function farOf({ objects, progress, read_at }: Told): string {
  if (read_at) return 'All is read; what was found is being brought in'
  const done = objects.filter(object => progress[object]?.phase === 'done')
  const now = objects.find(object => progress[object] && progress[object].phase !== 'done')
  return `${done.length} of ${objects.length} objects are done${now === undefined ? '' : `, ${now} is being read`}`
}

// Where a field's value came from, as it is stored beside it.

export type Source = { readonly system: string; readonly at?: string; readonly by?: string }

export function sourceOf(stored: unknown): Source | undefined {
  if (typeof stored !== 'object' || stored === null || !('system' in stored) || typeof stored.system !== 'string') {
    return undefined
  }
  return {
    system: stored.system,
    ...('at' in stored && typeof stored.at === 'string' && { at: stored.at }),
    ...('by' in stored && typeof stored.by === 'string' && { by: stored.by }),
  }
}

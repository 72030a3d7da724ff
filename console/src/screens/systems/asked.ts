// The systems and their lanes, as the admin API has them, and what a person can do about one.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { getJson, sendJson } from '../../api/client.ts'
import type { JourneyPage, Released, RetryRequest, Systems } from '../../api/types.ts'

export type System = Systems['systems'][number]
/** How its lane is at the moment. */
export type Lane = NonNullable<System['now']>

export const systemsQuery = queryOptions({
  queryKey: ['systems'],
  queryFn: ({ signal }) => getJson<Systems>('/api/systems', {}, signal),
})

/** How many open journeys need this system, and what they are worth. */
export const needingQuery = (system: string) =>
  queryOptions({
    queryKey: ['journeys', 'needing', system],
    queryFn: async ({ signal }) => {
      const { facets } = await getJson<JourneyPage>('/api/journeys', { state: 'open', system, limit: 1 }, signal)
      return { many: facets.total, worth: facets.worth }
    },
  })

export type Act =
  | { readonly act: 'pause'; readonly system: string; readonly by: string; readonly reason: string }
  | { readonly act: 'resume'; readonly system: string; readonly by: string }

export function useLaneAct() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ act, system, ...body }: Act) =>
      sendJson<unknown>('POST', `/api/systems/${encodeURIComponent(system)}/${act}`, body),
    onSettled: () => client.invalidateQueries(),
  })
}

/** What is to be tried again: one record, one journey with all that takes part in it, what one system holds back, or all. */
export type RetryScope = { readonly named: string } & Pick<RetryRequest, 'journey' | 'ref' | 'system' | 'all'>

/** What would be tried again: nothing is changed by asking. */
export const retryPreviewQuery = ({ named: _, ...scope }: RetryScope) =>
  queryOptions({
    queryKey: ['retry', scope],
    queryFn: () => sendJson<Released>('POST', '/api/retry', { ...scope, dryRun: true }),
    staleTime: 0,
    gcTime: 0,
  })

export function useRetry() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ named: _, ...scope }: RetryScope) => sendJson<Released>('POST', '/api/retry', scope),
    onSettled: () => client.invalidateQueries(),
  })
}

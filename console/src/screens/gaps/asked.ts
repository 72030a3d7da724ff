// Comparisons of what a system has with what we hold of it, as the admin API has them, and asking for one.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { getJson, sendJson } from '../../api/client.ts'
import type { ComparisonLine, Comparisons, SweepRequest } from '../../api/types.ts'
import type { GapsAddress } from './address.ts'

export type Comparison = ComparisonLine

export const comparisonsQuery = ({ system }: GapsAddress) =>
  queryOptions({
    queryKey: ['comparisons', system],
    queryFn: ({ signal }) => getJson<Comparisons>('/api/comparisons', { system, limit: 100 }, signal),
  })

export function useSweep() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ system, ...request }: SweepRequest & { system: string }) =>
      sendJson<Comparison>('POST', `/api/systems/${encodeURIComponent(system)}/sweep`, request),
    onSettled: () => client.invalidateQueries(),
  })
}

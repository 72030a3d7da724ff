// Edits of what somebody else owns, as the admin API has them: one by one, and counted.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { getJson } from '../../api/client.ts'
import type { DisputeCounts, DisputePage } from '../../api/types.ts'
import type { DisputesAddress } from './address.ts'

export type Dispute = DisputePage['disputes'][number]
export type Became = Dispute['became']
export type Count = DisputeCounts['counts'][number]

export const DAYS = 30
const ROWS = 50

export const disputesQuery = ({ count: _, ...chosen }: DisputesAddress) =>
  infiniteQueryOptions({
    queryKey: ['disputes', chosen],
    queryFn: ({ signal, pageParam }) =>
      getJson<DisputePage>(
        '/api/disputes',
        { ...chosen, limit: ROWS, ...(pageParam !== null && { after: pageParam }) },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  })

export const countsQuery = (by: 'user' | 'field') =>
  queryOptions({
    queryKey: ['disputes', 'counts', by],
    queryFn: ({ signal }) => getJson<DisputeCounts>('/api/disputes/counts', { by, days: DAYS }, signal),
    placeholderData: keepPreviousData,
  })

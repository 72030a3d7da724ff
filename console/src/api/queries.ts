// What is asked of the admin API and kept for a moment. The key says what it is, so that an act can have it asked again.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { getJson, type Params } from './client.ts'
import type {
  Explained,
  FieldExplained,
  FieldsExplained,
  JourneyPage,
  Numbers,
  Problems,
  SearchHits,
  Story,
  Systems,
} from './types.ts'

export const numbersQuery = queryOptions({
  queryKey: ['numbers'],
  queryFn: ({ signal }) => getJson<Numbers>('/api/numbers', {}, signal),
})

export const problemsQuery = (limit = 100) =>
  queryOptions({
    queryKey: ['problems', limit],
    queryFn: ({ signal }) => getJson<Problems>('/api/problems', { limit }, signal),
  })

export const journeysQuery = (params: Params) =>
  queryOptions({
    queryKey: ['journeys', params],
    queryFn: ({ signal }) => getJson<JourneyPage>('/api/journeys', params, signal),
    placeholderData: keepPreviousData,
  })

export const storyQuery = (asked: string) =>
  queryOptions({
    queryKey: ['story', asked],
    queryFn: ({ signal }) => getJson<Story>(`/api/journeys/${encodeURIComponent(asked)}`, {}, signal),
  })

export const recordQuery = (ref: string) =>
  queryOptions({
    queryKey: ['record', ref],
    queryFn: ({ signal }) => getJson<Explained>(`/api/records/${encodeURIComponent(ref)}`, {}, signal),
  })

const explainPath = (contract: string, ref: string, ...field: readonly string[]): string =>
  ['/api/explain', ...[contract, ref, ...field].map(encodeURIComponent)].join('/')

/** All fields of a record, in a line each. */
export const fieldsQuery = (contract: string, ref: string) =>
  queryOptions({
    queryKey: ['explain', contract, ref],
    queryFn: ({ signal }) => getJson<FieldsExplained>(explainPath(contract, ref), {}, signal),
  })

/** Why a field has its value; each further page has older values that it replaced. */
export const whyQuery = (contract: string, ref: string, field: string) =>
  infiniteQueryOptions({
    queryKey: ['explain', contract, ref, field],
    queryFn: ({ signal, pageParam }) =>
      getJson<FieldExplained>(
        explainPath(contract, ref, field),
        { limit: 10, ...(pageParam !== null && { before: pageParam }) },
        signal,
      ),
    initialPageParam: null as number | null,
    getNextPageParam: ({ replaced }) => replaced.next,
  })

/** How a record is called. Names rarely change: they are not asked for with every change of something. */
export const nameQuery = (ref: string) =>
  queryOptions({
    queryKey: ['name', ref],
    queryFn: async ({ signal }) => {
      const { title } = await getJson<Explained>(`/api/records/${encodeURIComponent(ref)}`, {}, signal)
      return title
    },
    staleTime: 300_000,
    meta: { lasting: true },
    retry: false,
  })

export const systemsQuery = queryOptions({
  queryKey: ['systems'],
  queryFn: ({ signal }) => getJson<Systems>('/api/systems', {}, signal),
})

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ['search', q],
    queryFn: ({ signal }) => getJson<SearchHits>('/api/search', { q }, signal),
    placeholderData: keepPreviousData,
  })

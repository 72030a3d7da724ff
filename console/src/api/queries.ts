// What is asked of the admin API and kept for a moment. The key says what it is, so that an act can have it asked again.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { getJson, type Params } from './client.ts'
import type { Explained, JourneyPage, Numbers, Problems, SearchHits, Story, Systems } from './types.ts'

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

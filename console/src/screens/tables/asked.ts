// The value tables as the admin API has them, and saying what a value is called.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { getJson, sendJson } from '../../api/client.ts'
import type { RateAnswer, RateRequest, Tables, ValueTable, WordAnswer, WordRequest } from '../../api/types.ts'

export type Missing = ValueTable['missing'][number]
export type Entry = ValueTable['entries'][number]
export type Word = Entry['in'][string][number]
export type Used = NonNullable<WordRequest['used']>

export const tablesQuery = queryOptions({
  queryKey: ['tables'],
  queryFn: ({ signal }) => getJson<Tables>('/api/tables', {}, signal),
})

export const tableQuery = (table: string) =>
  queryOptions({
    queryKey: ['tables', table],
    queryFn: ({ signal }) => getJson<ValueTable>(`/api/tables/${encodeURIComponent(table)}`, {}, signal),
  })

export type Saying = Pick<WordRequest, 'value' | 'system' | 'native'> & { readonly used: Used }

const send = (table: string, body: WordRequest): Promise<WordAnswer> =>
  sendJson<WordAnswer>('PUT', `/api/tables/${encodeURIComponent(table)}/words`, body)

/** What it would bring about: nothing is changed by asking. */
export const previewQuery = (table: string, saying: Saying) =>
  queryOptions({
    queryKey: ['table preview', table, saying],
    queryFn: () => send(table, { ...saying, by: 'preview', why: 'preview', dryRun: true }),
    enabled: saying.value !== '' && saying.native !== '' && saying.system !== '',
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })

export function useSay(table: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: Saying & { by: string; why: string }) => send(table, body),
    onSettled: () => client.invalidateQueries(),
  })
}

export type Rating = { readonly from: string; readonly to: string; readonly since: string; readonly rate: string }

const sendRate = (table: string, body: RateRequest): Promise<RateAnswer> =>
  sendJson<RateAnswer>('PUT', `/api/tables/${encodeURIComponent(table)}/rates`, body)

export const ratePreviewQuery = (table: string, rating: Rating) =>
  queryOptions({
    queryKey: ['rate preview', table, rating],
    queryFn: () => sendRate(table, { ...rating, by: 'preview', why: 'preview', dryRun: true }),
    enabled: rating.from.length === 3 && rating.to.length === 3 && rating.since !== '' && rating.rate !== '',
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })

export function useRate(table: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: Rating & { by: string; why: string }) => sendRate(table, body),
    onSettled: () => client.invalidateQueries(),
  })
}

// The value tables as the admin API has them, and what a desk says of one: words, rates and factors, each first as a preview.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { getJson, sendJson } from '../../api/client.ts'
import type {
  FactorAnswer,
  FactorRequest,
  RateAnswer,
  RateRequest,
  Tables,
  ValueTable,
  WordAnswer,
  WordRequest,
} from '../../api/types.ts'

export type Missing = ValueTable['missing'][number]
export type Entry = ValueTable['entries'][number]
export type Word = Entry['in'][string][number]
export type Used = NonNullable<WordRequest['used']>
export type Factor = NonNullable<ValueTable['factors']>[number]

export const tablesQuery = queryOptions({
  queryKey: ['tables'],
  queryFn: ({ signal }) => getJson<Tables>('/api/tables', {}, signal),
})

export const tableQuery = (table: string) =>
  queryOptions({
    queryKey: ['tables', table],
    queryFn: ({ signal }) => getJson<ValueTable>(`/api/tables/${encodeURIComponent(table)}`, {}, signal),
  })

type Signed = { readonly by: string; readonly why: string }
/** What is said, without who says it and why. */
export type Said = {
  readonly words: Omit<WordRequest, keyof Signed | 'dryRun'>
  readonly rates: Omit<RateRequest, keyof Signed | 'dryRun'>
  readonly factors: Omit<FactorRequest, keyof Signed | 'dryRun'>
}
export type Answers = { readonly words: WordAnswer; readonly rates: RateAnswer; readonly factors: FactorAnswer }
export type Part = keyof Said

const send = <P extends Part>(table: string, part: P, said: Said[P], signed: Signed & { readonly dryRun?: boolean }) =>
  sendJson<Answers[P]>('PUT', `/api/tables/${encodeURIComponent(table)}/${part}`, { ...said, ...signed })

/** What it would bring about: nothing is changed by asking. */
export const previewQuery = <P extends Part>(table: string, part: P, said: Said[P], enabled: boolean) =>
  queryOptions({
    queryKey: ['table preview', table, part, said],
    queryFn: () => send(table, part, said, { by: 'preview', why: 'preview', dryRun: true }),
    enabled,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })

export function useSay<P extends Part>(table: string, part: P) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ said, ...signed }: Signed & { readonly said: Said[P] }) => send(table, part, said, signed),
    onSettled: () => client.invalidateQueries(),
  })
}

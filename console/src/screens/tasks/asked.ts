// Questions and answers, as the admin API has them.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { getJson, sendJson } from '../../api/client.ts'
import type { Answered, Tasks } from '../../api/types.ts'

export type Task = Tasks['tasks'][number]

const MOST = 200

export const openTasksQuery = (desk: string | undefined) =>
  queryOptions({
    queryKey: ['tasks', 'open', desk ?? null],
    queryFn: ({ signal }) => getJson<Tasks>('/api/tasks', { state: 'open', desk, limit: MOST }, signal),
  })

export const answeredTasksQuery = (desk: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['tasks', 'answered', desk ?? null],
    queryFn: ({ signal, pageParam }) =>
      getJson<Tasks>('/api/tasks', { state: 'answered', desk, limit: 50, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Tasks) => page.next ?? undefined,
  })

/** One question, open or not. What of its journey is known narrows the search. */
export const taskQuery = (task: string, journey: string | undefined) =>
  queryOptions({
    queryKey: ['tasks', 'one', task, journey ?? null],
    queryFn: async ({ signal }) => {
      const { tasks } = await getJson<Tasks>('/api/tasks', { state: 'all', journey, limit: 500 }, signal)
      return tasks.find(one => one.task === task) ?? null
    },
  })

export type Answer = { readonly task: Task; readonly answer: string; readonly by: string; readonly comment: string }

export function useAnswer() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ task, answer, by, comment }: Answer) =>
      sendJson<Answered>('POST', `/api/tasks/${encodeURIComponent(task.task)}/answer`, {
        answer,
        by,
        ...(comment.trim() !== '' && { comment: comment.trim() }),
      }),
    // Also after a refusal: somebody else was first, and that is to be seen.
    onSettled: () => client.invalidateQueries(),
  })
}

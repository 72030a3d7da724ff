// The sandboxes' switches, as the admin API has them: none where Plumbline was not started with sandboxes of its own.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { getJson, sendJson } from '../../api/client.ts'
import type { Sandboxes } from '../../api/types.ts'

export type Sandbox = Sandboxes['sandboxes'][number]
export type Fault = Sandbox['switches'][number]

export const sandboxesQuery = queryOptions({
  queryKey: ['sandboxes'],
  queryFn: ({ signal }) => getJson<Sandboxes>('/api/sandboxes', {}, signal),
})

export type Switched = { readonly system: string; readonly fault: string; readonly on: boolean }

export function useSwitch() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ system, fault, on }: Switched) =>
      sendJson<unknown>('PUT', `/api/sandboxes/${encodeURIComponent(system)}/switches/${encodeURIComponent(fault)}`, {
        on,
      }),
    onSettled: () => client.invalidateQueries(),
  })
}

/** What is broken on purpose at the moment, system by system. */
export const brokenIn = (
  sandboxes: readonly Sandbox[],
): { readonly system: string; readonly faults: readonly Fault[] }[] =>
  sandboxes
    .map(({ system, switches }) => ({ system, faults: switches.filter(one => one.on) }))
    .filter(({ faults }) => faults.length > 0)

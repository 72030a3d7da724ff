// What waited at each system while this page was open: the numbers as they came, kept for some minutes, so that one sees
// whether it grows or drains.
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { numbersQuery } from '../../api/queries.ts'
import type { Numbers } from '../../api/types.ts'

export type Sample = { readonly at: number; readonly queue: number }

const KEPT_MS = 10 * 60_000
const remembered = new Map<string, Sample[]>()

/** The shell calls it, so that it goes on whatever screen is open. */
export function useMemoryOfLanes(): void {
  const { data, dataUpdatedAt } = useQuery(numbersQuery)
  useEffect(() => {
    if (data) remember(data, dataUpdatedAt)
  }, [data, dataUpdatedAt])
}

export const samplesOf = (system: string): readonly Sample[] => remembered.get(system) ?? []

function remember({ systems }: Numbers, at: number): void {
  for (const { system, queue } of systems) {
    const before = (remembered.get(system) ?? []).filter(one => one.at > at - KEPT_MS && one.at < at)
    remembered.set(system, [...before, { at, queue }])
  }
}

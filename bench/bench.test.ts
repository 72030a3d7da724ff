// The bench itself works: its figures are there and plausible. How large they are is not tested; the machine decides that.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { medians, percentile } from './figures.ts'
import type { Report } from './measure.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('run.ts', import.meta.url))
const flags = ['--conditions=plumbline-source', '--disable-warning=ExperimentalWarning']

async function bench(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [...flags, script, ...args], { timeout: 55_000 })
  return stdout
}

test('limits and a small sync answer positive figures as JSON', async () => {
  const report: Report = JSON.parse(await bench('limits', 'sync', '--quick', '--json'))
  const { limits, sync } = report
  for (const { perSecond, cpuMs } of [limits.commit, limits.claim, limits.fetch]) {
    expect(perSecond).toBeGreaterThan(0)
    expect(cpuMs.client).toBeGreaterThan(0)
  }
  expect(sync).toHaveLength(1)
  for (const { patchesPerSecond, loadedPerSecond, cpuMs, versionsPerPatch } of sync ?? []) {
    expect(patchesPerSecond).toBeGreaterThan(0)
    expect(loadedPerSecond).toBeGreaterThan(0)
    expect(cpuMs.engine + cpuMs.postgres).toBeGreaterThan(0)
    expect(versionsPerPatch).toBeGreaterThan(0.9)
    expect(versionsPerPatch).toBeLessThan(1.1)
  }
  expect(report.quick).toBe(true)
  expect(report.bookings).toBeUndefined()
})

test('says what there is to measure, and refuses what there is not', async () => {
  expect(JSON.parse(await bench('--list', '--json'))).toEqual([
    'limits',
    'bookings',
    'latency',
    'sync',
    'waiting',
    'explain',
    'tryton',
  ])
  await expect(bench('speed')).rejects.toMatchObject({ code: 2 })
})

test('medians are taken of each figure, percentiles are values that occurred', () => {
  expect(
    medians([
      { a: 1, of: { b: 9 } },
      { a: 3, of: { b: 7 } },
      { a: 2, of: { b: 8 } },
    ]),
  ).toEqual({ a: 2, of: { b: 8 } })
  expect(percentile([4, 1, 3, 2], 50)).toBe(2)
  expect(percentile([4, 1, 3, 2], 99)).toBe(4)
})

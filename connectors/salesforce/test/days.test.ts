// A day is a day everywhere: whatever zone a process runs in, and on the days when its clocks change.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { day } from '@plumbline/sdk'
import { expect, test } from 'vitest'
import { decodeValue, encodeFields } from '../src/values.ts'

const inAZone = fileURLToPath(new URL('./days-in-a-zone.ts', import.meta.url))
const ZONES = [
  'Etc/GMT+12',
  'Pacific/Pago_Pago',
  'Pacific/Honolulu',
  'America/Anchorage',
  'America/Los_Angeles',
  'America/Denver',
  'America/Chicago',
  'America/New_York',
  'America/Santiago',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Atlantic/Azores',
  'Europe/London',
  'Europe/Berlin',
  'Africa/Cairo',
  'Asia/Tehran',
  'Asia/Dubai',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Shanghai',
  'Australia/Adelaide',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
]

test('24 zones: what is written and read is the same day', async () => {
  const told = new Map<string, { offsets: number[]; turns: number }>()
  const queue = [...ZONES]
  const strand = async (): Promise<void> => {
    for (let zone = queue.pop(); zone; zone = queue.pop()) {
      const flags = ['--conditions=plumbline-source', '--disable-warning=ExperimentalWarning']
      const { stdout } = await promisify(execFile)(process.execPath, [...flags, inAZone], {
        env: { ...process.env, TZ: zone, NODE_OPTIONS: '' },
      })
      told.set(zone, JSON.parse(stdout) as { offsets: number[]; turns: number })
    }
  }
  await Promise.all([strand(), strand()])
  // The zones were real: from a day behind to a day ahead, some with clocks that change.
  expect(told.get('Etc/GMT+12')?.offsets).toEqual([720, 720])
  expect(told.get('Pacific/Kiritimati')?.offsets).toEqual([-840, -840])
  expect(told.get('America/St_Johns')?.offsets).toEqual([210, 150])
  expect([...told.values()].filter(({ turns }) => turns > 0).length).toBeGreaterThan(8)
  expect(told.size).toBe(24)
}, 120_000)

test('what is no day is refused, and never taken for another', () => {
  const field = day('Requested')
  for (const wrong of ['2026-02-30', '2026-13-01', '22.11.2026', '2026-11-22T10:30:00Z']) {
    expect(() => encodeFields({ Requested: field }, { Requested: wrong }, 'EUR')).toThrow(
      `"${wrong}", which is not a day`,
    )
    expect(() => decodeValue(field, wrong, 'EUR')).toThrow(`"${wrong}" is not a day`)
  }
  expect(decodeValue(field, null, 'EUR')).toBeNull()
})

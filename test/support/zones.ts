// A day is the same day in each of 24 time zones: a process for each, since a process reads its zone once.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'vitest'

/** From a day behind Greenwich to a day ahead, with half hours and quarters, and clocks that change on other days. */
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

/** What a program says of its zone: minutes behind Greenwich in January and July, and the days at which its clock changes. */
type Told = { readonly offsets: readonly number[]; readonly turns: number }

/** A program that fails when a day becomes another is run in each zone, and says where it was. */
export async function expectDaysToHoldInZones(program: string): Promise<void> {
  const told = new Map<string, Told>()
  const queue = [...ZONES]
  const strand = async (): Promise<void> => {
    for (let zone = queue.pop(); zone; zone = queue.pop()) {
      const flags = ['--conditions=plumbline-source', '--disable-warning=ExperimentalWarning']
      const { stdout } = await promisify(execFile)(process.execPath, [...flags, program], {
        env: { ...process.env, TZ: zone, NODE_OPTIONS: '' },
      })
      told.set(zone, JSON.parse(stdout) as Told)
    }
  }
  await Promise.all([strand(), strand()])
  // The zones were real: from a day behind to a day ahead, some with clocks that change.
  expect(told.get('Etc/GMT+12')?.offsets).toEqual([720, 720])
  expect(told.get('Pacific/Kiritimati')?.offsets).toEqual([-840, -840])
  expect(told.get('America/St_Johns')?.offsets).toEqual([210, 150])
  expect([...told.values()].filter(({ turns }) => turns > 0).length).toBeGreaterThan(8)
  expect(told.size).toBe(24)
}

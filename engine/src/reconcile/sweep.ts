// The sweep: now and then, and when somebody asks, all that a system has is compared with what we hold of it.
import { milliseconds } from '@plumbline/sdk'
import { systemNamed } from '../kernel/plan.ts'
import type { Running } from '../running.ts'
import { isSweepDue, openSweep } from '../store/comparisons.ts'

const onceADay = '1 day'

/** Begins the sweeps whose time has come; whoever is first of several processes. */
export async function beginSweeps(running: Running): Promise<void> {
  for (const { name, objects, instance } of running.plan.systems.values()) {
    const every = instance.sweep?.every ?? onceADay
    if (every === 'never') continue
    await running.db.transaction(async tx => {
      if (!(await isSweepDue(tx, name, milliseconds(every)))) return
      await openSweep(tx, {
        comparison: `c-${running.host.uuid()}`,
        system: systemNamed(running.plan, name).name,
        objects,
        reason: `All of ${name} is compared every ${every}`,
        by: null,
        preview: false,
      })
    })
  }
}

// The example project as the campaigns run it: word for word, but that the consent service, which no campaign breaks, is left
// out, and that a short campaign tells the engine how long the sandboxes take for a call at most, and how often to try what
// only time can heal. A real system is given 30 s, and an attempt in doubt is waited for that long; a daily limit is tried once
// a minute.
import example from '@plumbline/example-quote-to-cash'

const project = { ...example, systems: example.systems.filter(({ role }) => role !== 'consent') }

const longestCallMs = Number(process.env.CHAOS_LONGEST_CALL_MS ?? 0)
const probeEveryMs = Number(process.env.CHAOS_PROBE_EVERY_MS ?? 0)
for (const { connector } of project.systems)
  Object.assign(connector.limits, longestCallMs > 0 && { longestCallMs }, probeEveryMs > 0 && { probeEveryMs })

export default project

// The example project as the campaigns run it: word for word, but that a short campaign tells the engine how long the
// sandboxes take for a call at most. A real system is given 30 s, and an attempt in doubt is waited for that long.
import project from '@plumbline/example-quote-to-cash'

const longestCallMs = Number(process.env.CHAOS_LONGEST_CALL_MS ?? 0)
if (longestCallMs > 0) for (const { connector } of project.systems) Object.assign(connector.limits, { longestCallMs })

export default project

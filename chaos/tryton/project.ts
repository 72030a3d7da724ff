// The example project with Tryton as its ERP, as the campaign's workers run it: asked for changes as often as a connector does
// by itself.
import example from '@plumbline/example-quote-to-cash'
import { withTryton } from '../../test/support/with-tryton.ts'

const { TRYTON_URL: url = '', TRYTON_DATABASE: database = '', TRYTON_PASSWORD: password = '' } = process.env
const project = withTryton(example, { url, database, password }, {})

const longestCallMs = Number(process.env.CHAOS_LONGEST_CALL_MS ?? 0)
for (const { connector } of project.systems) Object.assign(connector.limits, longestCallMs > 0 && { longestCallMs })

export default project

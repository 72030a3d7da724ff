// The example with units as a project that `plumb start --project` can be given.
import example from '@plumbline/example-quote-to-cash'
import { soldByUnit } from './units.ts'

export default soldByUnit(example)

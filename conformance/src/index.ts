// @plumbline/conformance: proves that a connector does what the engine relies on. `await prove(subject)`.
import type { PointName } from './points/index.ts'
import type * as of from './subject.ts'

export type Subject = of.Subject<PointName>
export type System = of.System<PointName>
export type { PointName } from './points/index.ts'
export { prove } from './prove.ts'
export type { Report, Result } from './report.ts'
export { json } from './report.ts'
export { absent, inField, type NewRecord } from './subject.ts'

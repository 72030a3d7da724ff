// The admin API's answers as they arrive over the wire, for those who ask: the command line and the console.

import type * as audits from '../observe/audit.ts'
import type * as comparisons from '../observe/comparisons.ts'
import type * as disputes from '../observe/disputes.ts'
import type * as explain from '../observe/explain.ts'
import type * as filter from '../observe/filter.ts'
import type * as journeys from '../observe/journeys.ts'
import type * as numbers from '../observe/numbers.ts'
import type * as owners from '../observe/owners.ts'
import type * as problems from '../observe/problems.ts'
import type * as pulse from '../observe/pulse.ts'
import type * as record from '../observe/record.ts'
import type * as search from '../observe/search.ts'
import type * as story from '../observe/story.ts'
import type * as systems from '../observe/systems.ts'
import type * as tables from '../observe/tables.ts'
import type * as tasks from '../observe/tasks.ts'
import type { Moment as StoredMoment } from '../observe/timeline.ts'
import type { Wire } from '../observe/words.ts'
import type * as answer from './answer.ts'
import type * as editFactors from './edit-factors.ts'
import type * as editRates from './edit-rates.ts'
import type * as editTable from './edit-table.ts'
import type * as erase from './erase.ts'
import type * as pause from './pause.ts'
import type * as retry from './retry.ts'
import type * as events from './routes/events.ts'
import type * as questions from './routes/questions.ts'
import type { Sandbox } from './sandboxes.ts'
import type * as sweep from './sweep.ts'

/** GET /healthz */
export type Health =
  /** `catchingUp`: the systems of which changes are read that nobody told, each in a sentence. */
  | { readonly status: 'ready'; readonly catchingUp?: readonly string[] }
  | { readonly status: 'starting'; readonly waitingFor: readonly string[] }
/** GET /api/journeys: how it may be asked. All filters can be combined. */
export type JourneyQuery = filter.JourneyFilter
export type { Amount, Counted } from '../observe/facets.ts'
export type { Age, Sort, WaitKind, WorthBucket } from '../observe/filter.ts'
/** GET /api/journeys */
export type JourneyPage = Wire<journeys.JourneyPage>
export type Facets = JourneyPage['facets']
export type JourneyLine = JourneyPage['journeys'][number]
/** GET /api/journeys/:idOrNumber */
export type Story = Wire<story.Story>
export type Moment = Wire<StoredMoment>
export type Payload = NonNullable<Moment['payload']>
/** GET /api/search?q= */
export type SearchHits = { readonly hits: readonly SearchHit[] }
export type SearchHit = Wire<search.SearchHit>
/** GET /api/tasks?state=open|answered|all&desk=&journey=&limit=&after= */
export type TaskQuery = tasks.TaskFilter
export type Tasks = Wire<tasks.TaskPage>
export type TaskLine = Tasks['tasks'][number]
/** POST /api/tasks/:id/answer */
export type Answer = answer.Answer
export type Answered = Wire<answer.Answered>
/** GET /api/disputes?about=&contract=&field=&system=&by=&limit=&after= */
export type DisputePage = Wire<disputes.DisputePage>
/** GET /api/disputes/counts?by=user|field&days=&limit= */
export type DisputeCounts = Wire<disputes.DisputeCounts>
/** GET /api/questions */
export type Questions = { readonly questions: readonly questions.QuestionLine[] }
export type { AskedField, QuestionLine } from './routes/questions.ts'
/** POST /api/questions/:question[?fresh=true] with the fields that it asks; a record is { number }, { system, id } or { ref } */
export type QuestionAnswered = questions.QuestionAnswered
/** POST /api/retry */
export type RetryRequest = retry.RetryRequest
export type Released = Wire<retry.Released>
/** POST /api/persons/erase */
export type EraseRequest = erase.EraseRequest
export type EraseAnswer = Wire<erase.EraseAnswer>
/** GET /api/audit?before=&limit= */
export type AuditPage = Wire<audits.AuditPage>
/** GET /api/audit/head: to be kept elsewhere. */
export type AuditHead = { readonly head: string }
/** GET /api/audit/verify?head= */
export type AuditVerified = {
  readonly stands: boolean
  readonly finding: string | null
  readonly entries: number
  readonly head: string
}
/** GET /api/comparisons?system=&limit= */
export type Comparisons = { readonly comparisons: readonly ComparisonLine[] }
/** GET /api/comparisons/:comparison; POST /api/systems/:system/sweep { object?, preview?, by } answers it too */
export type ComparisonLine = Wire<comparisons.ComparisonLine>
export type SweepRequest = sweep.SweepRequest
/** GET /api/problems */
export type Problems = Wire<problems.Problems>
/** GET /api/systems */
export type Systems = { readonly systems: readonly Wire<systems.SystemLine>[] }
export type SystemLine = Systems['systems'][number]
/** POST /api/systems/:system/pause; POST …/resume { by } */
export type PauseRequest = pause.PauseRequest
export type PauseAnswer = Wire<pause.PauseAnswer>
/** GET /api/owners */
export type Owners = Wire<owners.Owners>
export type OwnedContract = Owners['contracts'][number]
export type OwnedField = OwnedContract['fields'][number]
export type OwnerCell = OwnedField['cells'][number]
/** GET /api/tables */
export type Tables = Wire<tables.Tables>
export type TableLine = Tables['tables'][number]
export type MissingValue = TableLine['missing'][number]
/** GET /api/tables/:table */
export type Table = Wire<tables.Table>
/** PUT /api/tables/:table/words */
export type WordRequest = editTable.WordRequest
export type WordAnswer = Wire<editTable.WordAnswer>
/** PUT /api/tables/:table/rates */
export type RateRequest = editRates.RateRequest
export type RateAnswer = Wire<editRates.RateAnswer>
/** PUT /api/tables/:table/factors */
export type FactorRequest = editFactors.FactorRequest
export type FactorAnswer = Wire<editFactors.FactorAnswer>
/** GET /api/sandboxes; PUT /api/sandboxes/:system/switches/:switch { on } answers the switch */
export type Sandboxes = { readonly sandboxes: readonly Sandbox[] }
export type { Sandbox, Switch } from './sandboxes.ts'
/** GET /api/stream: `event: changed`, with this as its data; `event: heartbeat` every 15 seconds without a change */
export type Pulse = Wire<pulse.Pulse>
/** GET /api/numbers */
export type Numbers = Wire<numbers.Numbers>
/** GET /api/events */
export type EventPage = Wire<events.EventPage>
export type AnnouncedEvent = EventPage['events'][number]
/** GET /api/records/:ref */
export type Explained = Wire<record.Explained>
/** GET /api/explain/:contract/:number */
export type FieldsExplained = Wire<explain.FieldsExplained>
export type FieldLine = FieldsExplained['fields'][number]
/** GET /api/explain/:contract/:number/:field?limit=&before= */
export type FieldExplained = Wire<explain.FieldExplained>
export type { ProblemBody, ProblemCode } from './problems.ts'

// The admin API: what an operator may ask and do. One file for each subject under routes/; inputs are checked by the
// schemas that stand with them.
import type { FastifyInstance } from 'fastify'
import { addAuditRoutes } from './routes/audit.ts'
import { addComparisonRoutes } from './routes/comparisons.ts'
import { addContractRoutes } from './routes/contracts.ts'
import { addDisputeRoutes } from './routes/disputes.ts'
import { addEventRoutes } from './routes/events.ts'
import { addExplainRoutes } from './routes/explain.ts'
import { addJourneyRoutes } from './routes/journeys.ts'
import { addPersonRoutes } from './routes/persons.ts'
import { addQuestionRoutes } from './routes/questions.ts'
import { addSandboxRoutes } from './routes/sandboxes.ts'
import type { Served } from './routes/shared.ts'
import { addSystemRoutes } from './routes/systems.ts'
import { addTableRoutes } from './routes/tables.ts'
import { addTaskRoutes } from './routes/tasks.ts'
import { addTroubleRoutes } from './routes/trouble.ts'

export function addRoutes(app: FastifyInstance, served: Served): void {
  addJourneyRoutes(app, served)
  addExplainRoutes(app, served)
  addTaskRoutes(app, served)
  addDisputeRoutes(app, served)
  addQuestionRoutes(app, served)
  addSystemRoutes(app, served)
  addContractRoutes(app, served)
  addTableRoutes(app, served)
  addSandboxRoutes(app, served)
  addTroubleRoutes(app, served)
  addEventRoutes(app, served)
  addComparisonRoutes(app, served)
  addPersonRoutes(app, served)
  addAuditRoutes(app, served)
}

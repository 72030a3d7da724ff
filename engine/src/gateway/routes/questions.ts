// Questions that anybody may put to the systems, a user of the CRM or a program: price, stock, credit.
import type { Field, Fields } from '@plumbline/sdk'
import type { FastifyInstance } from 'fastify'
import type { Plan } from '../../kernel/plan.ts'
import { Unanswered, type Why } from '../../kernel/unanswered.ts'
import { type Problem, type ProblemCode, problem } from '../problems.ts'
import { questionIn } from '../question-input.ts'
import { flag, name, type Served } from './shared.ts'

export type AskedField = {
  readonly name: string
  readonly label: string
  readonly kind: string
  readonly optional: boolean
  /** The contract of the record that it names. */
  readonly of?: string
  /** The fields of a list's entries. */
  readonly fields?: readonly AskedField[]
}
export type QuestionLine = {
  readonly question: string
  readonly role: string
  readonly within: string
  readonly cache: string | null
  readonly asks: readonly AskedField[]
  readonly answers: readonly AskedField[]
}
export type QuestionAnswered = {
  readonly question: string
  readonly system: string
  /** When the system gave the answer. */
  readonly asOf: string
  /** Whether it was given before and is given again. */
  readonly cached: boolean
  readonly tookMs: number
  readonly answer: Readonly<Record<string, unknown>>
}

type Declared = { readonly role: string; readonly question: Plan['project']['roles'][number]['answers'][number] }
const freshly = { type: 'object', additionalProperties: false, properties: { fresh: flag } } as const
const asked = { type: 'object', required: ['question'], properties: { question: name } } as const

export function addQuestionRoutes(app: FastifyInstance, { db, plan, ask }: Served): void {
  app.get('/api/questions', async () => ({ questions: declared(plan).map(described) }))

  app.post<{ Params: { question: string }; Querystring: { fresh?: boolean }; Body: unknown }>(
    '/api/questions/:question',
    { schema: { params: asked, querystring: freshly } },
    async ({ params, query, body }): Promise<QuestionAnswered> => {
      const { role, question } = questionNamed(plan, params.question)
      if (!ask)
        throw problem('no-worker', 'This process only looks: it calls no systems.', 'Ask a process that does the work.')
      const given = await questionIn(db, plan, question.asks, body)
      const put = { asked: question.question, role, question: given }
      const { answer, system, at, isCached, tookMs } = await ask(put, query.fresh ?? false).catch(refusal)
      return {
        question: question.question,
        system,
        asOf: new Date(at).toISOString(),
        cached: isCached,
        tookMs,
        answer: answer as QuestionAnswered['answer'],
      }
    },
  )
}

const declared = (plan: Plan): readonly Declared[] =>
  plan.project.roles.flatMap(({ role, answers }) => answers.map(question => ({ role, question })))

/** "credit check" is found as credit-check too. */
function questionNamed(plan: Plan, name: string): Declared {
  const all = declared(plan)
  const found = all.find(({ question: { question } }) => question === name || question.replaceAll(' ', '-') === name)
  if (found) return found
  const names = all.map(({ question: { question } }) => `"${question.replaceAll(' ', '-')}"`)
  throw problem('not-found', `Nobody answers a question "${name}".`, `Ask one of: ${names.join(', ') || 'none'}.`)
}

function described({ role, question: { question, within, cache, asks, answers } }: Declared): QuestionLine {
  return { question, role, within, cache: cache ?? null, asks: fieldsOf(asks), answers: fieldsOf(answers) }
}

const fieldsOf = (fields: Fields): AskedField[] =>
  Object.entries<Field<unknown>>(fields).map(([name, { label, kind, isOptional, to, of }]) => ({
    name,
    label,
    kind,
    optional: isOptional,
    ...(kind === 'ref' && to !== undefined && { of: to }),
    ...(of && { fields: fieldsOf(of) }),
  }))

const CODES: Readonly<Record<Why, ProblemCode>> = {
  away: 'system-away',
  paused: 'system-paused',
  busy: 'system-busy',
  late: 'answer-late',
  refused: 'system-refuses',
  'unknown record': 'record-unknown',
  'not routed': 'not-routed',
}

function refusal(error: unknown): never {
  throw error instanceof Unanswered ? asProblem(error) : error
}

function asProblem({ why, message, system, todo, retryInMs, ref }: Unanswered): Problem {
  const isOver = ['refused', 'unknown record', 'not routed'].includes(why)
  const retryAfterSeconds = Math.min(60, Math.max(1, Math.ceil(retryInMs / 1_000)))
  return problem(CODES[why], `${message}.`, todo && `${todo}.`, {
    ...(why === 'not routed' ? { role: system } : { system }),
    ...(ref !== undefined && { ref }),
    ...(!isOver && { retryAfterSeconds }),
  })
}

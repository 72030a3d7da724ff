// What the admin API may say no with: one catalogue, and the one shape of an error (RFC 9457).

export const PROBLEMS = {
  'bad-request': { status: 400, title: 'The request is not as the API wants it' },
  'bad-cursor': { status: 400, title: 'The cursor is not one of ours' },
  'host-refused': { status: 421, title: 'The request is meant for another host' },
  'origin-refused': { status: 403, title: 'Pages of other sites may not use this server' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'several-meant': { status: 409, title: 'Several records are called so' },
  'no-such-address': { status: 404, title: 'There is no such address' },
  'answered-already': { status: 409, title: 'The question has been answered' },
  'not-an-answer': { status: 422, title: 'That is not among the answers' },
  'word-taken': { status: 409, title: 'The word stands for another value' },
  'nothing-named': { status: 400, title: 'Nothing was named' },
  'body-refused': { status: 415, title: 'The body is not JSON' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'sandbox-away': { status: 502, title: 'The sandbox does not answer' },
  'stream-full': { status: 503, title: 'Too many look on at once' },
  'record-unknown': { status: 422, title: 'A record that is named is not known' },
  'not-routed': { status: 422, title: 'No system serves what is asked about' },
  'system-refuses': { status: 422, title: 'The system refuses to answer' },
  'system-busy': { status: 429, title: 'The system takes no more calls now' },
  'system-away': { status: 503, title: 'The system cannot answer now' },
  'system-paused': { status: 503, title: 'The system is paused' },
  'no-worker': { status: 503, title: 'This process calls no systems' },
  'answer-late': { status: 504, title: 'The system did not answer in time' },
  'database-away': { status: 503, title: 'The database does not answer' },
  defect: { status: 500, title: 'A defect of Plumbline' },
} as const

export type ProblemCode = keyof typeof PROBLEMS

/** Thrown anywhere below a route; answered as problem+json. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly todo: string | undefined
  readonly facts: Readonly<Record<string, unknown>>

  constructor(code: ProblemCode, detail: string, todo?: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(detail)
    this.code = code
    this.todo = todo
    this.facts = facts
  }
}

/** `throw problem('not-found', 'There is no task "t-1"', 'See plumb tasks for the open ones')` */
export const problem = (
  code: ProblemCode,
  detail: string,
  todo?: string,
  facts?: Readonly<Record<string, unknown>>,
): Problem => new Problem(code, detail, todo, facts)

export type ProblemBody = {
  readonly type: string
  readonly code: ProblemCode
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly todo?: string
}

export const bodyOf = ({ code, message, todo, facts }: Problem): ProblemBody => ({
  ...facts,
  type: `urn:plumbline:problem:${code}`,
  code,
  title: PROBLEMS[code].title,
  status: PROBLEMS[code].status,
  detail: message,
  ...(todo !== undefined && { todo }),
})

// Reads the text of a workflow's `run` and of a contract's `when`: what they must not do (a journey is run again from its
// rows, by any process; a test is asked when a record changes). It reads words, not meaning: what a function that they call
// does, what hides behind another name, and what a computed name refers to, it does not see.
import type { AnyContract, Field, Project, Workflow } from '@plumbline/sdk'
import { type About, type Finding, finding, noSuchCheckpoint, repeated } from './finding.ts'

const CLOCK = 'Give the deadline as within: …; the engine keeps the clock.'
const CHANCE = 'Derive what you need from the record; it must be the same each time.'
const NETWORK = 'Put a question to a role: step(…, () => erp.ask(…)).'
const SETTING = 'Read it where the project is put together, outside the function.'

/** What would give another answer when the same is run again. */
const WORLD: readonly (readonly [RegExp, string, string])[] = [
  [/(?<![\w$.])fetch\s*\(|\bglobalThis\s*\.\s*fetch\b/, 'fetch()', NETWORK],
  [/\bnew\s+(?:XMLHttpRequest|WebSocket|EventSource)\b/, 'a connection of its own', NETWORK],
  [/(?<![\w$.])https?\s*\.\s*(?:request|get)\s*\(/, 'http.request()', NETWORK],
  [/(?<![\w$.])import\s*\(/, 'import()', 'Import it at the top of the file.'],
  [/\bDate\s*\.\s*now\b/, 'Date.now()', CLOCK],
  [/\bnew\s+Date\s*(?:\(|[;,)\n])/, 'new Date()', CLOCK],
  [/(?<!new\s+)(?<![\w$.])Date\s*\(/, 'Date()', CLOCK],
  [/\bperformance\s*\.\s*now\b/, 'performance.now()', CLOCK],
  [/\bprocess\s*\.\s*hrtime\b/, 'process.hrtime', CLOCK],
  [/\bTemporal\s*\.\s*Now\b/, 'Temporal.Now', CLOCK],
  [/(?<![\w$.])set(?:Timeout|Interval|Immediate)\s*\(/, 'a timer', 'Wait with until(…, { within: … }).'],
  [/\bMath\s*\.\s*random\b/, 'Math.random()', CHANCE],
  [/\brandomUUID\s*\(|\bgetRandomValues\s*\(|\brandomBytes\s*\(/, 'a random value', CHANCE],
  [/\bprocess\s*\.\s*env\b/, 'process.env', SETTING],
]

export function checkSource(project: Project, workflow: Workflow): Finding[] {
  const about = { workflow: workflow.workflow }
  const { code, bare } = withoutComments(workflow.run.toString())
  return [
    ...worldInside(about, bare, 'when the journey is run again after a crash'),
    ...stageEquality(project, about, code, 'the journey would wait for ever'),
    ...checkpointsReached(workflow, code),
    ...stepsTwice(workflow, code, bare),
  ]
}

/** The test of `livesIn: when(…)` is asked whenever the record changes, and at no other time. */
export function checkPresence(project: Project, { contract, options }: AnyContract): Finding[] {
  return Object.entries(options.livesIn ?? {}).flatMap(([role, presence]) => {
    if (presence.lives !== 'when') return []
    const { code, bare } = withoutComments(presence.test.toString())
    return [
      ...worldInside({ contract }, bare, 'when nobody asks', `lives in ${role}`),
      ...stageEquality(project, { contract }, code, 'the record would never come there', `lives in ${role}`),
    ]
  })
}

/** `code` has no comments; `bare` has no texts either. Both keep every position. */
function withoutComments(source: string): { code: string; bare: string } {
  const token = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
  const blank = (text: string): string => text.replace(/[^\n]/g, ' ')
  const isComment = (text: string): boolean => text.startsWith('//') || text.startsWith('/*')
  const emptied = (text: string): string => {
    // What a template computes is code.
    if (text.startsWith('`')) return text.replace(/(^`|\})[^$]*(?=\$\{|`$)/g, blank)
    return `${text[0]}${blank(text.slice(1, -1))}${text.at(-1)}`
  }
  return {
    code: source.replace(token, text => (isComment(text) ? blank(text) : text)),
    bare: source.replace(token, text => (isComment(text) ? blank(text) : emptied(text))),
  }
}

function worldInside(about: About, bare: string, when: string, place?: string): Finding[] {
  return WORLD.filter(([pattern]) => pattern.test(bare)).map(([, what, todo]) =>
    finding('world-inside', about, `It uses ${what}, which gives another answer ${when}.`, todo, place),
  )
}

// ---- stages

const TEXT = String.raw`(['"\`])(.*?)\2`
const STAGE = String.raw`\.(\w+)(?:\s*\??\.\s*at)?`
/** `order.status.at === 'shipped'`, the other way round, a `case`, and being among several. */
const EQUALITIES: readonly { readonly pattern: RegExp; readonly field: number; readonly value: number }[] = [
  { pattern: new RegExp(String.raw`${STAGE}\s*[!=]==?\s*${TEXT}`, 'g'), field: 1, value: 3 },
  { pattern: /(['"`])([^'"`\n]*)\1\s*[!=]==?\s*[\w$.?]*?\.(\w+)(?:\s*\??\.\s*at\b|(?![\w$.(]))/g, field: 3, value: 2 },
]

function stageEquality(project: Project, about: About, code: string, otherwise: string, place?: string): Finding[] {
  const stages = stagesOf(project)
  const compared = EQUALITIES.flatMap(({ pattern, field, value }) =>
    [...code.matchAll(pattern)].map(match => ({
      at: match.index,
      text: match[0].replace(/^\./, ''),
      field: match[field] ?? '',
      value: match[value] ?? '',
    })),
  ).filter(({ field, value }) => stages.get(field)?.has(value))
  return [...compared, ...among(stages, code)]
    .sort((one, other) => one.at - other.at)
    .map(({ text, field, value }) =>
      finding(
        'stage-equality',
        about,
        `It asks "${text}"; a system that is polled may pass "${value}" unseen, and ${otherwise}.`,
        `Ask ${field}.reached('${value}').`,
        place,
      ),
    )
}

/** `switch (order.status.at)` and `['shipped', 'invoiced'].includes(order.status.at)` are equality by another name. */
function among(stages: ReadonlyMap<string, ReadonlySet<string>>, code: string) {
  const asked = [...code.matchAll(/\b(switch|includes|has|indexOf)\s*\(\s*[\w$.?]*?\.?(\w+)\s*\??\.\s*at\s*\)/g)]
  return asked.flatMap(match => {
    const [text, , field = ''] = match
    const value = [...(stages.get(field) ?? [])].at(1)
    return value === undefined ? [] : [{ at: match.index, text, field, value }]
  })
}

/** Fields that are stages in some contract, and their values. */
function stagesOf(project: Project): Map<string, Set<string>> {
  const stages = new Map<string, Set<string>>()
  for (const contract of project.contracts) {
    for (const [name, field] of Object.entries<Field<unknown>>(contract.fields)) {
      if (field.kind !== 'stages') continue
      stages.set(name, new Set([...(stages.get(name) ?? []), ...field.values]))
    }
  }
  return stages
}

// ---- checkpoints and steps

function checkpointsReached(workflow: Workflow, code: string): Finding[] {
  const reached = [...code.matchAll(/\breach\s*\(\s*(['"`])(.*?)\1\s*\)/g)].map(([, , name = '']) => name)
  return [...new Set(reached)]
    .filter(name => !workflow.checkpoints.includes(name))
    .map(name => noSuchCheckpoint(workflow, name, 'reach'))
}

function stepsTwice({ workflow }: Workflow, code: string, bare: string): Finding[] {
  const calls = [...code.matchAll(/\b(step|ask)\s*\(\s*/g)].flatMap(match => {
    const open = match.index + match[0].lastIndexOf('(')
    const call = code.slice(open, closing(bare, open))
    const said = /^\(\s*(['"`])(.*?)\1/.exec(call)?.[2]
    // A question is known by its desk.
    const name = match[1] === 'ask' && said !== undefined ? `Ask the ${said}` : said
    return name === undefined || name.includes('${') ? [] : [{ name, apart: /\bfor\s*:/.test(call) }]
  })
  return repeated(calls.map(call => call.name))
    .filter(name => calls.some(call => call.name === name && !call.apart))
    .map(name =>
      finding(
        'step-twice',
        { workflow },
        `"${name}" stands there twice; the second would get the first one's result.`,
        'Give one another name, or tell them apart with { for: … }.',
        `step "${name}"`,
      ),
    )
}

/** The position after the parenthesis that closes the one at `open`. */
function closing(bare: string, open: number): number {
  let depth = 0
  for (let at = open; at < bare.length; at++) {
    if (bare[at] === '(') depth++
    else if (bare[at] === ')' && --depth === 0) return at + 1
  }
  return bare.length
}

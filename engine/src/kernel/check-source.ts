// Reads the text of a workflow's `run`: what it must not do (a journey is run again from its rows, by any process).
import type { Field, Project, Workflow } from '@plumbline/sdk'
import { type Finding, noSuchCheckpoint, repeated } from './finding.ts'

/** What would give another answer when the journey is run again. */
const WORLD: readonly (readonly [RegExp, string, string])[] = [
  [/(?<![\w$])fetch\s*\(/, 'fetch()', 'Put a question to a role: step(…, () => erp.ask(…)).'],
  [/\bDate\s*\.\s*now\s*\(/, 'Date.now()', 'Give the deadline as within: …; the engine keeps the clock.'],
  [/\bnew\s+Date\s*\(/, 'new Date()', 'Give the deadline as within: …; the engine keeps the clock.'],
  [
    /\bMath\s*\.\s*random\s*\(/,
    'Math.random()',
    'Derive what you need from the record; it must be the same each time.',
  ],
]

export function checkSource(project: Project, workflow: Workflow): Finding[] {
  const source = workflow.run.toString()
  const { code, bare } = withoutComments(source)
  return [
    ...worldInside(workflow, bare),
    ...stageEquality(project, workflow, code),
    ...checkpointsReached(workflow, code),
    ...stepsTwice(workflow, code, bare),
  ]
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

function worldInside({ workflow }: Workflow, bare: string): Finding[] {
  return WORLD.filter(([pattern]) => pattern.test(bare)).map(([, what, todo]) => ({
    code: 'world-inside',
    where: `workflow ${workflow}`,
    sentence: `It uses ${what}, which gives another answer when the journey is run again after a crash.`,
    todo,
  }))
}

function stageEquality(project: Project, { workflow }: Workflow, code: string): Finding[] {
  const stages = new Map<string, Set<string>>()
  for (const contract of project.contracts) {
    for (const [name, field] of Object.entries<Field<unknown>>(contract.fields)) {
      if (field.kind !== 'stages') continue
      stages.set(name, new Set([...(stages.get(name) ?? []), ...field.values]))
    }
  }
  const compared = [...code.matchAll(/\.(\w+)(?:\.at)?\s*[!=]==?\s*(['"`])(.*?)\2/g)]
  return compared
    .filter(([, field = '', , value = '']) => stages.get(field)?.has(value))
    .map(([text, field, , value]) => ({
      code: 'stage-equality',
      where: `workflow ${workflow}`,
      sentence: `It asks "${text.slice(1)}"; a system that is polled may pass "${value}" unseen, and the journey would wait for ever.`,
      todo: `Ask ${field}.reached('${value}').`,
    }))
}

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
    .map(name => ({
      code: 'step-twice',
      where: `workflow ${workflow}, step "${name}"`,
      sentence: `"${name}" stands there twice; the second would get the first one's result.`,
      todo: 'Give one another name, or tell them apart with { for: … }.',
    }))
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

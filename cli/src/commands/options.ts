/** Options that several commands share, each with its environment variable. */
import { userInfo } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'

export const DEFAULT_PORT = 4600

type Common = { readonly json?: boolean }
export type Asking = Common & { readonly url: string }
export type WithProject = Common & { readonly project?: string }

export const withExamples = (command: Command, examples: readonly string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${examples.map(example => `  ${example}`).join('\n')}`)

const jsonOption = (): Option => new Option('--json', 'answer in JSON, for programs')

/** A command that asks a running engine. */
export const asking = (command: Command, examples: readonly string[]): Command =>
  withExamples(command, examples)
    .addOption(
      new Option('--url <address>', 'of the engine').env('PLUMBLINE_URL').default(`http://localhost:${DEFAULT_PORT}`),
    )
    .addOption(jsonOption())

/** Who acts is recorded: whoever is logged in, unless another is named. Without either, it must be said. */
export const byOption = (what: string): Option => new Option('--by <name>', what).default(userName())

function userName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

/** A command about a project. */
export const aboutProject = (command: Command, examples: readonly string[]): Command =>
  withExamples(command, examples).addOption(projectOption()).addOption(jsonOption())

/** PLUMBLINE_PROJECT is read where the project is looked for. */
export const projectOption = (): Option =>
  new Option(
    '--project <path>',
    'a project.ts or its folder (env: PLUMBLINE_PROJECT; else ./project.ts, else the example)',
  )

export const databaseOption = (): Option =>
  new Option('--database <url>', 'PostgreSQL, as postgres://user:password@host:port/name').env('DATABASE_URL')

export function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}

export function portNumber(text: string): number {
  const port = wholeNumber(text)
  if (port <= 65_535) return port
  throw new InvalidArgumentError('A port lies between 0 (any free one) and 65535.')
}

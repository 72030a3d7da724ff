/** `plumb`: what an operator types. Each command is a file; this one joins them and says how a command ends. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { addAskCommand } from './commands/ask.ts'
import { addCheckCommand } from './commands/check.ts'
import { addDisputesCommand } from './commands/disputes.ts'
import { addExplainCommand } from './commands/explain.ts'
import { addInstancesCommand } from './commands/instances.ts'
import { addJourneyCommands } from './commands/journeys.ts'
import { addOwnersCommand } from './commands/owners.ts'
import { addPersonCommands } from './commands/persons.ts'
import { addProblemsCommand } from './commands/problems.ts'
import { addRetryCommand } from './commands/retry.ts'
import { addRunningCommands } from './commands/run.ts'
import { addSchemaCommand } from './commands/schema.ts'
import { addStartCommand } from './commands/start.ts'
import { addSweepCommands } from './commands/sweep.ts'
import { addSystemCommands } from './commands/systems.ts'
import { addTableCommands } from './commands/tables.ts'
import { addTaskCommands } from './commands/tasks.ts'
import { report } from './failure.ts'

const WRONG_USAGE = 2

function program(): Command {
  const plumb = new Command('plumb')
    .description('Plumbline keeps Salesforce and the ERPs behind it true to each other.')
    .version(version())
    .showHelpAfterError('(plumb <command> --help says more)')
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nExamples:\n  plumb start\n  plumb journeys --late\n  plumb journey 00000012\n  plumb check --project ./acme',
    )
  addStartCommand(plumb)
  addRunningCommands(plumb)
  addCheckCommand(plumb)
  addInstancesCommand(plumb)
  addOwnersCommand(plumb)
  addSchemaCommand(plumb)
  addJourneyCommands(plumb)
  addExplainCommand(plumb)
  addProblemsCommand(plumb)
  addTaskCommands(plumb)
  addDisputesCommand(plumb)
  addSystemCommands(plumb)
  addSweepCommands(plumb)
  addTableCommands(plumb)
  addAskCommand(plumb)
  addRetryCommand(plumb)
  addPersonCommands(plumb)
  for (const command of [plumb, ...plumb.commands]) command.exitOverride()
  return plumb
}

/** The same file lies above `src` and `dist`. */
function version(): string {
  const manifest: { version?: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return manifest.version ?? 'unknown'
}

async function main(args: readonly string[]): Promise<void> {
  const plumb = program()
  if (args.length === 0) return plumb.outputHelp()
  await plumb.parseAsync([...args], { from: 'user' })
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE
  else process.exitCode = report(error, process.argv.includes('--json'))
})

/** `plumb erase`: nothing that can be read of a person stays. `plumb audit`: what people did, and that nobody changed that. */
import type { AuditHead, AuditPage, AuditVerified, EraseAnswer } from '@plumbline/engine'
import { Argument, type Command } from 'commander'
import { Admin } from '../admin.ts'
import { Failure } from '../failure.ts'
import { count, json, line, time } from '../print.ts'
import { type Asking, asking, byOption, wholeNumber } from './options.ts'

export function addPersonCommands(program: Command): void {
  asking(program.command('erase'), [
    "plumb erase ada@example.com --preview --reason 'asked us to by mail'",
    "plumb erase ada@example.com --by kim --reason 'asked us to by mail'",
  ])
    .summary('erase a person')
    .description(
      'Destroys the keys with which what tells of a person was sealed, here: what systems hold is deleted there. With --preview it only says what would go and what stays.',
    )
    .argument('<person>', 'any number or name of the person, or the ref')
    .option('--preview', 'only say what would go, and what stays')
    .addOption(byOption('who erases'))
    .requiredOption('--reason <text>', 'why; what it says of the person goes too')
    .action(erase)

  asking(program.command('audit'), [
    'plumb audit',
    'plumb audit head                     to be kept elsewhere',
    'plumb audit verify --head 17:9f2c…   nothing was changed, taken out or cut off since',
  ])
    .summary('list what people did, and verify that list')
    .addArgument(
      new Argument('[what]', 'list them, verify them, or print the head')
        .choices(['list', 'verify', 'head'])
        .default('list'),
    )
    .option('--head <head>', 'verify: as plumb audit head printed it once')
    .option('--before <entry>', 'list: those before this one', wholeNumber)
    .option('--limit <count>', 'list: at most so many', wholeNumber, 50)
    .action(audit)
}

type Erasing = Asking & { preview?: boolean; by?: string; reason: string }

async function erase(person: string, { url, json: asJson, preview = false, by, reason }: Erasing): Promise<void> {
  if (by === undefined) throw new Failure('It is not known who erases.', 'Say it with --by.', 'usage')
  const answer = await new Admin(url).post<EraseAnswer>('/api/persons/erase', { person, preview, by, reason })
  if (asJson) return json(answer)
  line(erasedWords(answer))
}

function erasedWords({ ref, title, erases, stays, heldBy, erased }: EraseAnswer): string {
  const { records, versions, changes, deliveries, disputes, tasks } = erases
  const parts = [
    count(records, 'record'),
    count(versions, 'version'),
    count(changes, 'change heard', 'changes heard'),
    count(deliveries, 'delivery', 'deliveries'),
    count(disputes, 'dispute'),
    count(tasks, 'task'),
  ].join(', ')
  return [
    erased
      ? `${ref} was erased on ${time(erased.at)} by ${erased.by}: ${erased.reason}\nGone with the keys: ${parts}.`
      : `${title ?? ref} (${ref}) would be erased: ${parts}. Nothing was changed.`,
    ...(stays.length > 0
      ? [`As they are stay: ${stays.map(one => count(one.records, one.contract)).join(', ')}.`]
      : []),
    ...heldBy.map(({ system, object, nativeId }) =>
      nativeId === null
        ? `${system} may hold ${object}: creating it was not answered. Look for it there, and delete it.`
        : `${system} still holds ${object} ${nativeId}: delete it there.`,
    ),
  ].join('\n')
}

type Auditing = Asking & { head?: string; before?: number; limit: number }

async function audit(what: string, { url, json: asJson, head, before, limit }: Auditing): Promise<void> {
  const admin = new Admin(url)
  if (what === 'head') {
    const found = await admin.get<AuditHead>('/api/audit/head')
    return asJson ? json(found) : line(found.head)
  }
  if (what === 'verify') {
    const found = await admin.get<AuditVerified>('/api/audit/verify', { head })
    if (asJson) json(found)
    else if (found.stands)
      line(`All ${count(found.entries, 'entry', 'entries')} stand as they were written.\n${found.head}`)
    if (!found.stands) {
      if (!asJson) line(found.finding ?? '')
      process.exitCode = 1
    }
    return
  }
  const found = await admin.get<AuditPage>('/api/audit', { before, limit })
  if (asJson) return json(found)
  if (found.entries.length === 0) return line('Nobody did anything yet.')
  for (const one of found.entries)
    line(`${one.n}  ${time(one.at)}  ${one.by} ${one.what} ${one.about}${one.why ? `: ${one.why}` : ''}`)
  if (found.next !== null) line(`\nMore: --before ${found.next}`)
}

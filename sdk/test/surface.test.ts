// The public surface of the sdk, printed and committed: what changes for authors is seen in review. After a change that
// is meant: `npm run surface`.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const sdk = fileURLToPath(new URL('..', import.meta.url))
const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))

test('the public surface is the one that was agreed', async () => {
  await expect(await surface()).toMatchFileSnapshot('../surface.txt')
})

/** What the compiler declares, without comments: one statement after the other, by name. */
async function surface(): Promise<string> {
  const out = await mkdtemp(join(tmpdir(), 'plumbline-surface-'))
  try {
    const flags = ['-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--removeComments', '--outDir', out]
    await promisify(execFile)(process.execPath, [tsc, ...flags], { cwd: sdk })
    const files = (await readdir(out)).filter(name => name.endsWith('.d.ts') && name !== 'index.d.ts')
    const declared = await Promise.all(files.map(name => readFile(join(out, name), 'utf8')))
    const all = declared.flatMap(text => exported(text))
    return `${all.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)).join('\n')}\n`
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

/** A statement begins in the first column and goes on as long as lines are indented or close what was opened. */
const exported = (text: string): string[] =>
  text
    .split(/\n(?=[a-z])/)
    .map(statement => statement.trim())
    .filter(
      statement => /^export (?:declare |type |interface )/.test(statement) && !statement.startsWith('export type {'),
    )

const nameOf = (statement: string): string =>
  /^export (?:declare )?(?:const|function|class|type|interface) (\w+)/.exec(statement)?.[1] ?? statement

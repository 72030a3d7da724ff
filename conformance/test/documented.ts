// The connector of docs/connectors.md, as it stands there: its blocks saved as files, and what they export.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Subject } from '@plumbline/conformance'
import { blocksOf } from '../../test/support/pages.ts'
import { root } from '../../test/support/sources.ts'

export async function documentedSubject(): Promise<Subject> {
  // Within the repository, so that packages are found as they are from there.
  const folder = join(root, '.plumbline', `documented-${process.pid}`)
  await mkdir(join(folder, 'parts'), { recursive: true })
  try {
    for (const { file, text } of blocksOf('docs/connectors.md'))
      if (file?.endsWith('.ts')) await writeFile(join(folder, file), text)
    const { subject } = (await import(pathToFileURL(join(folder, 'parts/conformance.ts')).href)) as { subject: Subject }
    return subject
  } finally {
    await rm(folder, { recursive: true })
  }
}

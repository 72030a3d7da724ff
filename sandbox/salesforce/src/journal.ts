// The append-only file that is the sandbox's whole memory: one line per committed transaction, one write per line.
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isObject } from './json.ts'

const FILE = 'journal.jsonl'

export class JournalFile {
  readonly #file: number
  #closed = false

  /** Opens the journal of a data folder, giving every complete line to `replay`. A torn last line is cut away. */
  constructor(folder: string, replay: (line: { readonly [key: string]: unknown }) => void) {
    mkdirSync(folder, { recursive: true })
    const path = join(folder, FILE)
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
    const good = replayLines(bytes, path, replay)
    this.#file = openSync(path, 'a')
    if (good < bytes.length) ftruncateSync(this.#file, good)
  }

  append(line: object): void {
    // A late request must never write to a file number that meanwhile belongs to another file.
    if (this.#closed) throw new Error('The journal is closed')
    writeSync(this.#file, `${JSON.stringify(line)}\n`)
  }

  close(): void {
    this.#closed = true
    closeSync(this.#file)
  }
}

function replayLines(bytes: Buffer, path: string, replay: (line: { readonly [key: string]: unknown }) => void): number {
  let start = 0
  for (let number = 1; start < bytes.length; number++) {
    const end = bytes.indexOf(10, start)
    if (end < 0) break
    const line = parseLine(bytes.toString('utf8', start, end))
    if (!line && end === bytes.length - 1) break
    if (!line) throw new Error(`Line ${number} of ${path} is not a journal line: the data folder is damaged`)
    replay(line)
    start = end + 1
  }
  return start
}

function parseLine(text: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

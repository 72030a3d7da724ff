// CSV as the Bulk API writes it: every value quoted. And pages of a file of results, found without reading it whole.
import { closeSync, openSync, readSync } from 'node:fs'
import { stringify } from 'csv-stringify/sync'
import { DELIMITERS, type Job, LINE_ENDINGS } from './jobs.ts'

type Shape = Pick<Job, 'delimiter' | 'lineEnding'>

export function csvText({ delimiter, lineEnding }: Shape, rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  return stringify([...rows.map(row => [...row])], {
    delimiter: DELIMITERS[delimiter],
    record_delimiter: LINE_ENDINGS[lineEnding],
    quoted: true,
    quoted_empty: true,
  })
}

const BLOCK = 1 << 16
const QUOTE = 34
const NEWLINE = 10

/** Where so many records after a place end, and how many there were; a line break inside quotes ends no record. */
export function skipRecords(path: string, from: number, count: number): { end: number; records: number } {
  const file = openSync(path, 'r')
  try {
    const block = Buffer.alloc(BLOCK)
    let at = from
    let records = 0
    let quoted = false
    for (;;) {
      const length = readSync(file, block, 0, BLOCK, at)
      for (let i = 0; i < length; i++) {
        if (block[i] === QUOTE) quoted = !quoted
        else if (block[i] === NEWLINE && !quoted && ++records === count) return { end: at + i + 1, records }
      }
      at += length
      if (length === 0) return { end: at, records }
    }
  } finally {
    closeSync(file)
  }
}

/** The line breaks of a file, as its first line has them; undefined when it has but one line. */
export function lineEndingAtStart(path: string): keyof typeof LINE_ENDINGS | undefined {
  const file = openSync(path, 'r')
  try {
    const block = Buffer.alloc(BLOCK)
    const length = readSync(file, block, 0, BLOCK, 0)
    const end = block.subarray(0, length).indexOf(NEWLINE)
    return end < 0 ? undefined : block[end - 1] === 13 ? 'CRLF' : 'LF'
  } finally {
    closeSync(file)
  }
}

// The code blocks of a page, in the order in which a person meets them.
import { read } from './sources.ts'

export type Block = {
  /** Where it begins: `README.md:34`. */
  readonly at: string
  readonly language: string
  /** What stands behind the language: `file=contracts/order.ts`, `not-run="why"`, `retry`. */
  readonly file: string | undefined
  readonly notRun: string | undefined
  /** Typed again until the block behind shows what it answers: something takes its time. */
  readonly retry: boolean
  readonly text: string
}

export function blocksOf(page: string): Block[] {
  const lines = read(page).split('\n')
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; at++) {
    const opening = /^(`{3,})(\w*)\s*(.*)$/.exec(lines[at] ?? '')
    if (!opening) continue
    const [, fence = '', language = '', info = ''] = opening
    const end = lines.indexOf(fence, at + 1)
    if (end < 0) throw new Error(`${page}:${at + 1}: the block has no end`)
    blocks.push({
      at: `${page}:${at + 1}`,
      language,
      file: /\bfile=(\S+)/.exec(info)?.[1],
      notRun: /\bnot-run="([^"]*)"/.exec(info)?.[1],
      retry: /\bretry\b/.test(info),
      text: `${lines.slice(at + 1, end).join('\n')}\n`,
    })
    at = end
  }
  return blocks
}

/** Blocks in the old way, by four spaces: nothing runs them. A picture in letters is no command. */
export function indentedBlocks(page: string): string[] {
  const outside = read(page).replace(/^(`{3,})[\s\S]*?^\1$/gm, '')
  return [...outside.matchAll(/(?<=\n\n) {4}(?:npm|npx|plumb|node|curl)\b.*/g)].map(
    ([line]) => `${page}: ${line.trim()}`,
  )
}

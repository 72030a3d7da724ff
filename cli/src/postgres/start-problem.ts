/** A start that cannot succeed until a person does something: what is the case, and what to do about it. */
export class StartProblem extends Error {
  readonly todo: string

  constructor(message: string, todo: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartProblem'
    this.todo = todo
  }
}

/** The code of a failed system call (`ENOENT`, `EACCES` …), or nothing for any other error. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What a failed program said last, short enough to stand below a sentence. */
export function lastLines(text: string, count = 12): string {
  const lines = text.split('\n').filter(line => line.trim() !== '')
  return lines
    .slice(-count)
    .map(line => `  ${line}`)
    .join('\n')
}

// Several changes of one document in one call: SAP carries out all of a changeset or nothing of it. Pure.

/** One change of a document, or of what is below it. */
export type Step = {
  readonly method: 'POST' | 'PATCH' | 'DELETE'
  /** Below the service: `A_SalesOrder('17')`. */
  readonly path: string
  readonly body?: unknown
  /** The version that must still hold; `*` for any. */
  readonly ifMatch?: string
}

/** The body of a `$batch` with one changeset, and the content type that names its boundary. */
export function changesetOf(
  steps: readonly Step[],
  boundary: string,
): { readonly type: string; readonly text: string } {
  const inner = `changeset_${boundary}`
  const parts = steps.flatMap(step => [`--${inner}`, ...partOf(step)])
  const text = [
    `--batch_${boundary}`,
    `Content-Type: multipart/mixed; boundary=${inner}`,
    '',
    ...parts,
    `--${inner}--`,
    `--batch_${boundary}--`,
    '',
  ].join('\r\n')
  return { type: `multipart/mixed; boundary=batch_${boundary}`, text }
}

const partOf = ({ method, path, body, ifMatch }: Step): string[] => [
  'Content-Type: application/http',
  'Content-Transfer-Encoding: binary',
  '',
  `${method} ${path} HTTP/1.1`,
  'Accept: application/json',
  ...(body === undefined ? [] : ['Content-Type: application/json']),
  ...(ifMatch === undefined ? [] : [`If-Match: ${ifMatch}`]),
  '',
  ...(body === undefined ? [''] : [JSON.stringify(body)]),
]

/** What became of a changeset: how many of its steps were carried out, or SAP's error. Undefined when the answer is cut short. */
export function answerOf(
  text: string,
): { readonly done: number } | { readonly status: number; readonly error: string } | undefined {
  const boundary = /^\s*(--\S+)/.exec(text)?.[1]
  if (boundary === undefined || !text.trimEnd().endsWith(`${boundary}--`)) return undefined
  const answers = [...text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(found => ({
    status: Number(found[1]),
    at: found.index,
  }))
  const failed = answers.find(({ status }) => status >= 400)
  if (!failed) return { done: answers.length }
  const [, body = ''] = text.slice(failed.at).split(/\r?\n\r?\n/)
  return { status: failed.status, error: body.split(/\r?\n--/)[0] ?? '' }
}

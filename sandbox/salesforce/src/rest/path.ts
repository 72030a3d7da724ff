// The parts of a REST URL: version, decoded path, query. An encoded slash stays inside its part.
export type Target = { readonly version: string; readonly path: readonly string[]; readonly query: URLSearchParams }

const OLDEST_VERSION = 31

export function parseTarget(url: string): Target | undefined {
  const cut = url.indexOf('?')
  const pathText = (cut < 0 ? url : url.slice(0, cut)).replace(/^\/+/, '/')
  const match = /^\/services\/data\/v(\d+)\.(\d)(\/.*)?$/.exec(pathText)
  if (!match || Number(match[1]) < OLDEST_VERSION) return undefined
  const path = (match[3] ?? '').split('/').filter(Boolean).map(decode)
  return { version: `${match[1]}.${match[2]}`, path, query: new URLSearchParams(cut < 0 ? '' : url.slice(cut + 1)) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

// The console's built files, served as they lie in one folder: nothing but what was found there can be asked for.
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { problem } from './problems.ts'
import { isApi } from './strangers.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
}

/** Pages take our own files and nothing else; no script and no style may stand in a page itself. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')
const OTHER_POLICY = "default-src 'none'; frame-ancestors 'none'"

export function addConsole(app: FastifyInstance, folder: string | undefined): void {
  const files = folder === undefined ? async () => undefined : filesOf(folder)
  app.addHook('onRequest', async (_, reply) => {
    reply.headers({
      'content-security-policy': OTHER_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    })
  })
  app.get('/*', async (request, reply) => {
    const path = request.url.split('?')[0] ?? '/'
    const wantsPage = path === '/' || (request.headers.accept ?? '').includes('text/html')
    if (isApi(path)) throw noSuchAddress(request.method, path)
    const built = await files()
    if (built === undefined) {
      if (!wantsPage) throw noSuchAddress(request.method, path)
      return page(reply.code(503), NOT_BUILT)
    }
    const file = built.get(path)
    if (file && path !== '/index.html') return asset(reply, path, await file())
    // The console finds its way by the address itself: every other page is this one.
    const index = built.get('/index.html')
    if (!wantsPage || !index || path.startsWith(ASSETS)) throw noSuchAddress(request.method, path)
    return page(reply, await index())
  })
}

/** Their names change with what is in them. */
const ASSETS = '/assets/'

const page = (reply: FastifyReply, body: Buffer | string): FastifyReply =>
  reply
    .headers({ 'content-security-policy': PAGE_POLICY, 'cache-control': 'no-store' })
    .type(TYPES['.html'] ?? '')
    .send(body)

const asset = (reply: FastifyReply, path: string, body: Buffer): FastifyReply =>
  reply
    .header('cache-control', path.startsWith(ASSETS) ? 'public, max-age=31536000, immutable' : 'no-cache')
    .type(TYPES[extname(path)] ?? 'application/octet-stream')
    .send(body)

export const noSuchAddress = (method: string, path: string) =>
  problem('no-such-address', `There is no ${method} ${path}.`)

type Files = ReadonlyMap<string, () => Promise<Buffer>>

/** The files by the address of each, found anew when the console was built anew; undefined while it is not built. */
function filesOf(folder: string): () => Promise<Files | undefined> {
  let known: { readonly builtAt: number; readonly files: Files } | undefined
  return async () => {
    const index = await stat(join(folder, 'index.html')).catch(() => undefined)
    if (!index) return undefined
    if (known?.builtAt !== index.mtimeMs) known = { builtAt: index.mtimeMs, files: await found(folder) }
    return known.files
  }
}

async function found(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return new Map(
    paths.map(path => {
      let body: Promise<Buffer> | undefined
      const address = path.slice(folder.replace(/[/\\]$/, '').length).replaceAll(sep, '/')
      return [
        address,
        () => {
          body ??= readFile(path)
          return body
        },
      ]
    }),
  )
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5">
<title>Plumbline: the console is not built</title>
<meta name="color-scheme" content="light dark">
<h1>The console is not built yet</h1>
<p>Plumbline itself runs; its pages have not been made. In the repository, <code>npm start</code> makes them, or by hand:</p>
<pre>npm run build --workspace console</pre>
<p>This page looks again by itself. Meanwhile <a href="/api/journeys">/api/journeys</a>, <a href="/api/problems">/api/problems</a>
and the command line (<code>npm run plumb -- journeys</code>) say the same.</p>
</html>
`

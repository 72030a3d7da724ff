// Bulk jobs as a test speaks of them: made, loaded, waited for, and their results read.
import type { Connection } from '@jsforce/jsforce-node'
import { parse } from 'csv-parse/sync'
import { expect } from 'vitest'
import type { SandboxOptions } from '../src/index.ts'
import { call, eventually, type Json, login, startSandbox } from './support.ts'

export async function connect(options: Partial<SandboxOptions> = {}) {
  const sandbox = await startSandbox(options)
  return { sandbox, connection: await login(sandbox, { client: 'loader' }) }
}

export async function raw(connection: Connection, method: string, path: string, body?: string | Buffer, more = {}) {
  const response = await fetch(`${connection.instanceUrl}/services/data/v67.0/jobs/${path}`, {
    method,
    headers: { authorization: `Bearer ${connection.accessToken}`, 'content-type': 'text/csv', ...more },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  })
  return { status: response.status, text: await response.text(), headers: response.headers }
}

const options = { 'sforce-call-options': 'client=loader' }
export const create = (connection: Connection, job: object) => call(connection, 'POST', '/jobs/ingest', job, options)
export const state = (connection: Connection, id: string) => call(connection, 'GET', `/jobs/ingest/${id}`)
export const close = (connection: Connection, id: string) =>
  call(connection, 'PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' })
const over = ['JobComplete', 'Failed', 'Aborted']

/** A job from its creation to its end. */
export async function load(connection: Connection, job: object, csv: string) {
  const { body } = await create(connection, job)
  expect(await raw(connection, 'PUT', `ingest/${body.id}/batches`, csv)).toMatchObject({ status: 201, text: '' })
  expect(await close(connection, body.id)).toMatchObject({ status: 200, body: { state: 'UploadComplete' } })
  return finished(connection, body.id)
}

export async function finished(connection: Connection, id: string, kind = 'ingest') {
  const job = await eventually(async () => {
    const { body } = await call(connection, 'GET', `/jobs/${kind}/${id}`)
    return over.includes(body.state) ? body : undefined
  }, 20_000)
  const rows = async (part: string): Promise<Json[]> =>
    parse((await raw(connection, 'GET', `${kind}/${id}/${part}`)).text, {
      columns: true,
      delimiter: DELIMITER[job.columnDelimiter],
    })
  return {
    job,
    successes: () => rows('successfulResults'),
    failures: () => rows('failedResults'),
    unprocessed: () => rows('unprocessedrecords'),
  }
}
export const DELIMITER: Json = { COMMA: ',', TAB: '\t', PIPE: '|', SEMICOLON: ';', CARET: '^', BACKQUOTE: '`' }

export const accounts = async (connection: Connection, fields = 'Id, Name') =>
  (await connection.query<Json>(`SELECT ${fields} FROM Account ORDER BY Name`)).records

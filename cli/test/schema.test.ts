// plumb schema: the contracts as JSON Schema, into the terminal or into a folder, from the project alone.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { plumb } from './plumb.ts'

test('a folder gets a file for each contract, and the same that one of them prints', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-schema-'))
  try {
    const { code, out } = await plumb(['schema', '--out', join(folder, 'schemas')], { cwd: folder })
    expect([code, out]).toEqual([0, expect.stringMatching(/^\d+ schemas in /)])
    const files = await readdir(join(folder, 'schemas'))
    expect(files).toContain('payment.1.schema.json')
    const written = JSON.parse(await readFile(join(folder, 'schemas', 'payment.1.schema.json'), 'utf8')) as unknown
    const printed = await plumb(['schema', 'payment', '--json'], { cwd: folder })
    expect(JSON.parse(printed.out)).toEqual(written)
    expect(written).toMatchObject({
      title: 'Payment',
      properties: { amount: { title: 'Amount', 'x-owner': { role: 'erp' } } },
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('an unknown contract is said so, and neither a contract nor a folder is wrong usage', async () => {
  const unknown = await plumb(['schema', 'payments'], { cwd: tmpdir() })
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('has no contract "payments"')])
  expect((await plumb(['schema'], { cwd: tmpdir() })).code).toBe(2)
})

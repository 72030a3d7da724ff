// The door to PostgreSQL: a pool, transactions, named statements. Connections are replaced when the server goes away.
import pg from 'pg'
import { type Erased, MARK } from '../kernel/seal.ts'
import { asStored, type Today } from '../kernel/upgrade.ts'
import { nothingPersonal, type Sealing } from './sealing.ts'

/** A statement with a name is planned once per connection; planning long ones each time costs milliseconds. */
export type Query = { readonly name: string; readonly text: string }
type Row = pg.QueryResultRow

export type Tx = {
  query<R extends Row>(query: Query | string, values?: readonly unknown[]): Promise<R[]>
  /** How records of another version of their contract are read. */
  readonly today?: Today
  /** Seals what tells of a person on its way in. What is read is opened without being asked. */
  readonly sealing: Sealing
}

/** Whoever reads opens what is sealed; `erased` says how that reads which nobody can open any more. */
export type Opening = { readonly sealing: Sealing; readonly erased: Erased }

// Counts and epochs are bigint in the database and fit a number.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

// Answers are searched for seals while they are parsed, column by column: one that has none costs nothing more.
let sealsSeen = 0
const { TEXT, JSON: JSON_TEXT, JSONB } = pg.types.builtins
const [TEXT_ARRAY, JSONB_ARRAY] = [1009, 3807]
const usual = (type: number): ((text: string) => unknown) => pg.types.getTypeParser(type as never)
const parsers = new Map([TEXT, JSON_TEXT, JSONB, TEXT_ARRAY].map(type => [type, usual(type)]))
parsers.set(JSONB_ARRAY, jsonsIn(usual(JSONB_ARRAY)))
for (const [type, parse] of parsers)
  pg.types.setTypeParser(type as never, (text: string) => {
    if (text.includes(MARK)) sealsSeen++
    return parse(text)
  })

/** The values of an array of jsonb, which PostgreSQL quotes like texts in JSON, but for one that is null: that is read as usual. */
function jsonsIn(asUsual: (text: string) => unknown): (text: string) => unknown {
  return text => {
    try {
      const values: unknown[] = JSON.parse(`[${text.slice(1, -1)}]`)
      return values.map(value => (typeof value === 'string' ? JSON.parse(value) : value))
    } catch {
      return asUsual(text)
    }
  }
}

/**
 * Every statement of the stages finds its rows by an index. A named one is planned while the tables are still empty, when
 * reading them whole looks cheapest, and would go on doing so for minutes, until PostgreSQL gathers statistics. It is planned once,
 * not anew for each set of values: that costs as much as carrying it out.
 */
export const byIndex =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan'

export class Db implements Tx {
  readonly pool: pg.Pool
  readonly url: string
  readonly today: Today
  private readonly opening: Opening | undefined

  constructor(url: string, connections = 10, planning = '', today = asStored, opening?: Opening) {
    this.url = url
    this.today = today
    this.opening = opening
    this.pool = new pg.Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      options: `-c search_path=plumbline -c idle_in_transaction_session_timeout=30000 -c lock_timeout=20000 ${planning}`,
    })
    // An idle connection that breaks is dropped by the pool; the next query tells whoever needs it. One may break in the very moment
    // in which it is handed over, before anybody could listen.
    this.pool.on('error', () => undefined)
    this.pool.on('connect', client => void client.on('error', () => undefined))
  }

  query<R extends Row>(query: Query | string, values: readonly unknown[] = []): Promise<R[]> {
    return run<R>(this.pool, query, values, this.opening)
  }

  get sealing(): Sealing {
    return this.opening?.sealing ?? nothingPersonal
  }

  /** One transaction; a deadlock or serialization failure is tried again, since nothing of it happened. */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.once(work)
      } catch (error) {
        if (tries >= 5 || !isCollision(error)) throw error
      }
    }
  }

  private async once<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await this.pool.connect()
    let dead: Error | undefined
    try {
      await client.query('begin')
      const opening = this.opening
      const result = await work({
        query: (query, values = []) => run(client, query, values, opening),
        today: this.today,
        sealing: this.sealing,
      })
      await client.query('commit')
      return result
    } catch (error) {
      await client.query('rollback').catch((failed: Error) => {
        dead = failed
      })
      throw error
    } finally {
      client.release(dead)
    }
  }

  close(): Promise<void> {
    return this.pool.end()
  }
}

async function run<R extends Row>(
  on: pg.Pool | pg.PoolClient,
  query: Query | string,
  values: readonly unknown[],
  opening: Opening | undefined,
): Promise<R[]> {
  const seen = sealsSeen
  const result = await on.query<R>(
    typeof query === 'string' ? { text: query, values: [...values] } : { ...query, values: [...values] },
  )
  // Another answer may have come meanwhile: then this one is looked through in vain.
  if (opening && sealsSeen !== seen) await opening.sealing.open(result.rows, opening.erased)
  return result.rows
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')
/** What this transaction read another has changed since: it is done again from the beginning. */
export class Overtaken extends Error {
  readonly code = '40001'
}
const isCollision = (error: unknown): boolean => ['40P01', '40001'].includes(codeOf(error))

/** Whether the database is away (not: whether the statement was wrong). What was asked may be asked again later. */
export function isAway(error: unknown): boolean {
  const code = codeOf(error)
  return (
    code.startsWith('08') ||
    code.startsWith('57P') ||
    code.startsWith('53') ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', '55P03', '25P03'].includes(code) ||
    (error instanceof Error &&
      /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/.test(
        error.message,
      ))
  )
}

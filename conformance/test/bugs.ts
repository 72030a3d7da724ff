// Planted bugs: a good connector with one thing broken, and the points that must name it.
import type { PointName } from '@plumbline/conformance'
import type { AnyConnector, Fields, Heard, Host, Native, ObjectSpec, Observation, WriteEnd } from '@plumbline/sdk'
import { moneyOf } from '@plumbline/sdk'

type Spec = ObjectSpec<unknown, Fields>
type Bug = {
  readonly bug: string
  /** The points that it breaks, and no others. */
  readonly fails: readonly PointName[]
  readonly plant: (good: AnyConnector) => AnyConnector
}

const object =
  (change: (spec: Required<Pick<Spec, 'read' | 'list' | 'write'>> & Spec) => Partial<Spec>) =>
  (good: AnyConnector): AnyConnector => {
    const spec = good.objects.Part as never
    return { ...good, objects: { ...good.objects, Part: { ...(spec as Spec), ...change(spec) } } }
  }

const wire =
  (change: (good: typeof fetch) => typeof fetch) =>
  (good: AnyConnector): AnyConnector => ({
    ...good,
    spec: {
      ...good.spec,
      connect: (settings, host: Host) => good.spec.connect(settings, { ...host, fetch: change(host.fetch) }),
    },
  })

const feed =
  (change: (heard: AsyncIterable<Heard>, cursor?: string) => AsyncIterable<Heard>) =>
  (good: AnyConnector): AnyConnector => ({
    ...good,
    spec: {
      ...good.spec,
      follow: (api, from) => change(good.spec.follow?.(api, from) as AsyncIterable<Heard>, from.cursor),
    },
  })

/** Every record that the connector hands over by its id, with its fields changed. */
const fieldsRead = (change: (fields: Native) => Native) =>
  object(({ read }) => ({
    read: async (api, ids) => (await read(api, ids)).map(one => ({ ...one, fields: change(one.fields) })),
  }))

const without = (name: string, init: RequestInit = {}): RequestInit => {
  const headers = new Headers(init.headers)
  headers.delete(name)
  return { ...init, headers }
}

type Writing = NonNullable<Spec['write']>
/** A batch of several, for the sake of what is broken about it. */
async function oneByOne(write: Writing, ...[api, writes]: Parameters<Writing>): Promise<WriteEnd[]> {
  const ends: WriteEnd[] = []
  for (const one of writes) ends.push(...(await write(api, [one])))
  return ends
}

const observations = (heard: Heard['heard']): readonly Observation[] =>
  heard.filter((one): one is Observation => !('unreadable' in one))

export const bugs: readonly Bug[] = [
  // These are waited for: the kit is patient with a feed. They come first, so that the others are tried meanwhile.
  {
    bug: 'a late commit is missed',
    fails: ['feed-late-commit'],
    plant: feed(async function* (good) {
      let newest = 0
      for await (const batch of good) {
        const heard = observations(batch.heard).filter(one => one.position.at >= newest)
        newest = Math.max(newest, ...heard.map(one => one.position.at))
        yield { ...batch, heard }
      }
    }),
  },
  {
    bug: 'a feed that goes on from its cursor does not look back',
    fails: ['feed-late-restart'],
    plant: feed(async function* (good, cursor = '') {
      const stood = Date.parse(cursor) || 0
      for await (const batch of good)
        yield { ...batch, heard: observations(batch.heard).filter(one => one.position.at > stood) }
    }),
  },
  {
    bug: 'the feed is declared to tell of what is deleted, and does not',
    fails: ['feed-deleted'],
    plant: feed(async function* (good) {
      for await (const batch of good)
        yield { ...batch, heard: observations(batch.heard).filter(one => one.kind !== 'gone') }
    }),
  },
  {
    bug: 'a feed that lost its place begins anew in silence',
    fails: ['end-cursor-lost'],
    plant: good => ({
      ...good,
      spec: {
        ...good.spec,
        follow: (api, { cursor, ...from }) =>
          good.spec.follow?.(api, { ...from, ...(cursor && Date.parse(cursor) && { cursor }) }) as AsyncIterable<Heard>,
      },
    }),
  },
  {
    bug: 'the key of a create is dropped',
    fails: ['create-once', 'create-reply-lost', 'flag-creates', 'end-no-answer'],
    plant: wire(good => (input, init) => good(input, without('idempotency-key', init))),
  },
  {
    bug: 'a create whose reply was lost is sent again blindly',
    fails: ['create-reply-lost', 'change-reply-lost'],
    plant: wire(
      good => (input, init) =>
        good(input, init).catch(error => {
          if (init?.method === undefined || init.method === 'GET' || error.cause?.code === 'ECONNREFUSED') throw error
          return good(input, without('idempotency-key', init))
        }),
    ),
  },
  {
    bug: 'paging drops the last page',
    fails: ['list-pages'],
    plant: object(({ list }) => ({
      list: async (api, page) => {
        const answered = await list(api, page)
        return page !== undefined && answered.next === undefined ? { records: [] } : answered
      },
    })),
  },
  {
    bug: 'a stale version is overwritten',
    fails: ['change-stale'],
    plant: object(({ write }) => ({
      write: (api, writes) =>
        write(
          api,
          writes.map(({ token: _, ...one }) => one),
        ),
    })),
  },
  {
    bug: 'one record that is refused fails its batch',
    fails: ['batch-each'],
    plant: object(({ write }) => ({
      batch: 10,
      write: async (api, writes) => {
        const ends = await oneByOne(write, api, writes)
        const refused = ends.find(({ end }) => end === 'refused')
        return refused ? ends.map(() => refused) : ends
      },
    })),
  },
  {
    bug: 'one record that is refused hides behind its neighbours',
    fails: ['batch-each'],
    plant: object(({ write }) => ({
      batch: 10,
      write: async (api, writes) => {
        const ends = await oneByOne(write, api, writes)
        const written = ends.find(({ end }) => end === 'written')
        return ends.map(end => (end.end === 'refused' && written ? written : end))
      },
    })),
  },
  {
    bug: 'what is refused is told as unavailable',
    fails: ['batch-each', 'end-refused', 'value-longest'],
    plant: object(({ write }) => ({
      write: async (api, writes) =>
        (await write(api, writes)).map(
          (end): WriteEnd => (end.end === 'refused' ? { end: 'unavailable', reason: end.reason } : end),
        ),
    })),
  },
  {
    bug: 'amounts are numbers on their way',
    fails: ['value-decimals'],
    plant: fieldsRead(fields => {
      const { amount, currency } = fields.price as { amount: string; currency: string }
      return { ...fields, price: { amount: String(Math.fround(Number(amount))), currency } }
    }),
  },
  {
    bug: 'amounts lose their last zero',
    fails: ['value-decimals'],
    plant: fieldsRead(fields => {
      const { amount, currency } = fields.price as { amount: string; currency: string }
      return { ...fields, price: { ...moneyOf(amount, currency), amount: String(Number(amount)) } }
    }),
  },
  {
    bug: 'days are shifted by the zone of the process',
    fails: ['value-days'],
    plant: fieldsRead(fields => ({
      ...fields,
      availableFrom:
        fields.availableFrom && new Date(`${String(fields.availableFrom)}T00:00:00`).toISOString().slice(0, 10),
    })),
  },
  {
    bug: 'long texts are cut',
    fails: ['value-longest'],
    plant: object(({ write }) => ({
      write: (api, writes) =>
        write(
          api,
          writes.map(one => ({ ...one, fields: { ...one.fields, ...nameIn(one.fields, name => name.slice(0, 50)) } })),
        ),
    })),
  },
  {
    bug: 'what looks like markup is escaped once more',
    fails: ['value-texts'],
    plant: object(({ write }) => ({
      write: (api, writes) =>
        write(
          api,
          writes.map(one => ({
            ...one,
            fields: { ...one.fields, ...nameIn(one.fields, name => name.replaceAll('<', '&lt;')) },
          })),
        ),
    })),
  },
  {
    bug: 'the feed is declared to bring events, and polls',
    fails: ['feed-breaks', 'flag-feed'],
    plant: good => ({ ...good, spec: { ...good.spec, changeFeed: { by: 'events', tellsDeleted: true } } }),
  },
  {
    bug: 'a proxy that says 503 is taken for an empty list',
    fails: ['end-busy', 'end-no-answer', 'end-locked-out'],
    plant: object(({ list }) => ({ list: (api, page) => list(api, page).catch(() => ({ records: [] })) })),
  },
  {
    bug: 'the time to wait is forgotten',
    fails: ['end-busy'],
    plant: object(({ write }) => ({
      write: async (api, writes) =>
        (await write(api, writes)).map(
          (end): WriteEnd => (end.end === 'unavailable' ? { ...end, retryAfterMs: undefined } : end),
        ),
    })),
  },
  {
    bug: 'a write is sent though it is too late',
    fails: ['create-too-late'],
    plant: object(({ write }) => ({
      write: (api, writes) =>
        write(
          api,
          writes.map(({ mayStillSend: _, ...one }) => one),
        ),
    })),
  },
  {
    bug: 'many records are read in as many calls at once',
    fails: ['limit-one-at-once'],
    plant: object(({ read }) => ({
      read: async (api, ids) => (await Promise.all([...new Set(ids)].map(id => read(api, [id])))).flat(),
    })),
  },
]

const nameIn = ({ name }: Native, change: (name: string) => string): Native =>
  typeof name === 'string' ? { name: change(name) } : {}

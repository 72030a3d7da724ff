// Values: what goes out comes back the same, to the cent, to the day in every zone, to the last letter.
import { type DateOnly, isDay, type Money } from '@plumbline/sdk'
import type { Place } from '../subject.ts'
import type { Trial } from '../trial.ts'
import { given, must, said, same, told } from '../verdict.ts'

const amounts = ['0.01', '0.07', '0.10', '0.30', '1.10', '19.99', '350.10', '1120.30', '4503599.63', '99999999.99']

/** From a day behind Greenwich to a day ahead, with half hours and quarters, and clocks that change on other days. */
const zones = [
  'Etc/GMT+12',
  'Pacific/Pago_Pago',
  'Pacific/Honolulu',
  'America/Anchorage',
  'America/Los_Angeles',
  'America/Denver',
  'America/Chicago',
  'America/New_York',
  'America/Santiago',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Atlantic/Azores',
  'Europe/London',
  'Europe/Berlin',
  'Africa/Cairo',
  'Asia/Tehran',
  'Asia/Dubai',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Shanghai',
  'Australia/Adelaide',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
] as const
/** All to come, as due dates are: those that are odd wherever one is, and one that each zone is tried with beside its own. */
const oddDays: readonly DateOnly[] = ['2036-02-29', '2037-01-01']
const anyDay: DateOnly = '2036-12-31'

/** Texts that somebody reads as something else. */
const texts = [
  'Grüße an Łukasz, Ξένια und 北京 – 🙂 e\u0301',
  "O'Brien & Söhne; DROP TABLE orders; --",
  '<script>alert("1")</script> &amp; %27 %00',
  'back\\slash "quoted" {{7*7}} #{1+1} `x`',
  "' or '1'='1",
  '=1+1',
  '0012',
  '1e5',
  'null',
  'true',
  '2026-02-30',
  'عربي ‏ עברית',
]

export const values = [
  {
    point: 'value-decimals',
    says: 'Amounts come back exactly, as texts with their currency',
    run: async (trial: Trial) => {
      const { put, get, currency, largest } = given(trial.sample.money)
      const all = [...amounts, largest].map((amount): Money => ({ amount, currency }))
      await comeBack(trial, { put, get }, all)
    },
  },
  {
    point: 'value-days',
    says: `A day is the same day in ${zones.length} time zones, also when clocks change`,
    isSlow: true,
    run: async (trial: Trial) => {
      const place = given(trial.sample.day)
      const before = process.env.TZ
      try {
        await comeBack(trial, place, oddDays)
        for (const zone of zones) {
          const days = [anyDay, ...turnsIn(zone)]
          await comeBack(trial, place, days).catch((error: unknown) => {
            throw error instanceof Error ? Object.assign(error, { message: `In ${zone}: ${error.message}` }) : error
          })
        }
      } finally {
        if (before === undefined) delete process.env.TZ
        else process.env.TZ = before
      }
    },
  },
  {
    point: 'value-instants',
    says: 'A point in time is told in UTC, and is the same in every zone',
    run: async (trial: Trial) => {
      const field = given(trial.sample.instant)
      const id = await trial.record()
      const before = process.env.TZ
      const told = new Set<unknown>()
      try {
        for (const zone of ['UTC', 'Pacific/Chatham', 'America/St_Johns'] as const) {
          process.env.TZ = zone
          const { fields, position } = await trial.read(id)
          told.add(`${String(fields[field])} ${position.at}`)
          must(
            /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(String(fields[field])),
            `${field} is "${fields[field]}", which is no instant in UTC`,
          )
        }
      } finally {
        if (before === undefined) delete process.env.TZ
        else process.env.TZ = before
      }
      must(told.size === 1, `In three zones ${field} is told in ${told.size} ways: ${[...told].join(', ')}`)
    },
  },
  {
    point: 'value-texts',
    says: 'Texts of any script, and those that look like code, come back letter by letter',
    run: async (trial: Trial) => {
      const { longest, ...place } = given(trial.sample.text)
      await comeBack(
        trial,
        place,
        texts.filter(text => text.length <= longest),
      )
    },
  },
  {
    point: 'value-longest',
    says: 'A text as long as allowed comes back whole; a longer one is refused, and never cut in silence',
    run: async (trial: Trial) => {
      const { longest, ...place } = given(trial.sample.text)
      const most = 'äbc%'.repeat(longest).slice(0, longest)
      await comeBack(trial, place, [most])
      const ref = trial.ref()
      const longer = `${most}x`
      const end = await trial.writeOne(trial.asCreate(place.put(trial.newRecord(ref), longer), ref))
      if (end.end === 'refused') return
      must(end.end === 'written', `A text of ${longer.length} characters ended ${said(end)}`)
      const back = place.get((await trial.read(end.id)).fields)
      must(back === longer, `A text of ${longer.length} characters came back as ${String(back).length}`)
    },
  },
  {
    point: 'value-empty',
    says: 'Null clears a text, and what is empty is read as null',
    run: async (trial: Trial) => {
      const { field, value } = given(trial.sample.optional)
      const id = await trial.record()
      await trial.written({ key: trial.ref(), id, fields: { [field]: value }, lists: {} })
      must((await trial.read(id)).fields[field] === value, `${field} was not written`)
      await trial.written({ key: trial.ref(), id, fields: { [field]: null }, lists: {} })
      const { fields } = await trial.read(id)
      must(fields[field] === null, `${field} was cleared, and is read as ${told(fields[field])}`)
    },
  },
] as const

async function comeBack<T>(trial: Trial, place: Place<T>, wanted: readonly T[]): Promise<void> {
  const creates = wanted.map(value => {
    const ref = trial.ref()
    return trial.asCreate(place.put(trial.newRecord(ref), value), ref)
  })
  const ends = await trial.write(...creates)
  for (const [at, value] of wanted.entries()) {
    const end = ends[at]
    must(end?.end === 'written', `${told(value)} was to be written, and ended ${end && said(end)}`)
    const back = place.get((await trial.read(end.id)).fields)
    must(same(back, value), `${told(value)} was written, and came back as ${told(back)}`)
  }
}

/** Sets the zone of this process, and says on which days its clocks change. */
function turnsIn(zone: string): readonly DateOnly[] {
  process.env.TZ = zone
  const here = new Intl.DateTimeFormat('en', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' })
  const noon = new Date(Date.UTC(2026, 6, 1, 12))
  must(Number(here.format(noon)) === noon.getHours(), `The zone ${zone} cannot be set in this process`)
  const year = Array.from({ length: 366 }, (_, n) => n)
  const offset = (n: number) => new Date(2036, 0, n + 1).getTimezoneOffset()
  const nights = year.filter(n => offset(n) !== offset(n + 1))
  return nights.map(n => new Date(Date.UTC(2036, 0, n + 1)).toISOString().slice(0, 10)).filter(isDay)
}

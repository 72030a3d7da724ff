// The report for people.
import type { BookingsResult } from './bookings.ts'
import type { ExplainResult } from './explain.ts'
import { rounded } from './figures.ts'
import type { Limits } from './limits.ts'
import type { Report } from './measure.ts'
import type { SyncResult } from './sync.ts'
import type { TrytonResult } from './tryton.ts'
import type { WaitingResult } from './waiting.ts'

export function tableOf({
  at,
  machine,
  quick,
  limits,
  bookings,
  latency,
  sync,
  waiting,
  explain,
  tryton,
  loadAverage,
}: Report): string {
  return [
    `${at}, ${machine.cores} cores (${machine.cpu}), Node ${machine.node}, load ${loadAverage.map(rounded).join(' → ')}${quick ? ', quick' : ''}`,
    '',
    'Limits of this run            per second   CPU ms: client + server',
    ...Object.entries(limits).map(
      ([name, { perSecond, cpuMs }]) =>
        `${names[name]?.padEnd(29)} ${right(perSecond)}   ${cpuMs.client} + ${cpuMs.server}`,
    ),
    ...(bookings ?? []).flatMap(one => bookingLines(one, limits)),
    ...(latency
      ? [
          '',
          `Latency at rest, ${latency.samples} quotes: p50 ${latency.p50} ms, p95 ${latency.p95} ms, p99 ${latency.p99} ms, slowest ${latency.slowest} ms`,
        ]
      : []),
    ...(sync ?? []).flatMap(one => syncLines(one, limits)),
    ...(waiting ? waitingLines(waiting) : []),
    ...(explain ? explainLines(explain) : []),
    ...(tryton ? trytonLines(tryton) : []),
  ].join('\n')
}

const names: Readonly<Record<string, string>> = {
  commit: "PostgreSQL's one-row commits",
  claim: 'rows claimed and done, bare',
  fetch: 'fetch of 1 KB of JSON, bare',
}
const right = (value: number): string => String(value).padStart(10)

function bookingLines(one: BookingsResult, limits: Limits): string[] {
  const { engine, postgres, salesforce, s4, engineAndPostgres } = one.cpuMs
  return [
    '',
    `Bookings, ${one.workers} worker${one.workers === 1 ? '' : 's'}: ${one.perSecond} per second (${one.quotes} quotes, median of ${one.times})`,
    `  CPU per booking: engine ${engine} + PostgreSQL ${postgres} = ${engineAndPostgres} ms; sandboxes: Salesforce ${salesforce}, S/4HANA ${s4} ms`,
    `  per booking: ${one.commits} commits, ${Math.round(one.walBytes / 1_000)} KB of write-ahead log, ${one.calls.salesforce} calls to Salesforce, ${one.calls.s4} to S/4HANA`,
    `  ${floorOf(one, limits)}`,
    `  at rest: engine ${one.idleCpuMs.engine} ms, PostgreSQL ${one.idleCpuMs.postgres} ms of CPU per second`,
  ]
}

/** What these commits and calls cost when nothing else is done. */
function floorOf({ commits, calls, cpuMs, perSecond }: BookingsResult, { commit, fetch, claim }: Limits): string {
  const floor =
    commits * (commit.cpuMs.client + commit.cpuMs.server) + (calls.salesforce + calls.s4) * fetch.cpuMs.client
  return `beside the limits: ${rounded(cpuMs.engineAndPostgres / floor)} times the CPU of as many bare commits and fetches; ${percent(perSecond / commit.perSecond)} of the commit rate, ${percent(perSecond / claim.perSecond)} of the claim loop, ${percent(perSecond / fetch.perSecond)} of the fetch loop`
}

function syncLines(one: SyncResult, { commit, claim }: Limits): string[] {
  return [
    '',
    `Sync ${one.name}: ${one.patchesPerSecond} patches per second (${one.patches} patches of ${one.records} records, median of ${one.times})`,
    `  CPU per patch: engine ${one.cpuMs.engine} + PostgreSQL ${one.cpuMs.postgres} ms; ${one.commitsPerPatch} commits, ${Math.round(one.walBytesPerPatch / 1_000)} KB of write-ahead log; ${one.versionsPerPatch} versions per patch`,
    `  first load: ${one.loadedPerSecond} records per second; patches beside the limits: ${rounded(one.patchesPerSecond / commit.perSecond)} of the commit rate, ${rounded(one.patchesPerSecond / claim.perSecond)} of the claim loop`,
  ]
}

function waitingLines({ journeys, real, asked, bytes, idleCpuMs, woken, roused }: WaitingResult): string[] {
  const idle = ({ engine, postgres }: { engine: number; postgres: number }): string => `${engine} + ${postgres} ms`
  return [
    '',
    `Waiting: ${journeys} journeys, ${real} of them brought there by the engine   ms: median, slowest`,
    ...Object.entries(asked).map(
      ([what, { median, slowest }]) => `  ${what.padEnd(34)} ${right(median)} ${right(slowest)}`,
    ),
    `  disk for each: journey ${bytes.journey}, its records ${bytes.records}, history ${bytes.history} bytes`,
    `  CPU per second, engine + PostgreSQL: ${idle(idleCpuMs.empty)} without a journey, ${idle(idleCpuMs.waiting)} while they wait`,
    `  ${roused.journeys} woken by nothing that lets them go on: ${roused.seconds} s; CPU each: engine ${roused.cpuMs.engine} + PostgreSQL ${roused.cpuMs.postgres} ms`,
    `  ${woken.journeys} shipped: ${woken.seconds} s from the first change heard; heard within ${woken.heardSeconds} s, understood within ${woken.understoodSeconds} s; CPU each: engine ${woken.cpuMs.engine} + PostgreSQL ${woken.cpuMs.postgres} ms`,
  ]
}

function explainLines({ sources, versions, fields, wholes, cpuMs, bytesPerSource }: ExplainResult): string[] {
  const rows = { ...fields, 'all fields of a record': wholes }
  return [
    '',
    `Explain: ${sources} field sources in ${versions} versions   ms: p50, p95, slowest`,
    ...Object.entries(rows).map(
      ([what, { p50, p95, slowest }]) => `  ${what.padEnd(42)} ${right(p50)} ${right(p95)} ${right(slowest)}`,
    ),
    `  CPU for each: engine ${cpuMs.engine} + PostgreSQL ${cpuMs.postgres} ms`,
    `  disk: ${bytesPerSource} bytes for each source, in versions, changes and attempts`,
  ]
}

function trytonLines({ orders, alone, engine, share, shareOfBare, asked }: TrytonResult): string[] {
  return [
    '',
    `Tryton: ${engine.perSecond} orders a second by the engine (${orders} orders, ${engine.calls} calls each, at most ${engine.mostAtOnce} at once)`,
    `  on one connection alone: ${alone.perSecond} with the same ${alone.calls} calls, of which the engine reaches ${percent(share)}; ${alone.bare} with create, quote and confirm only: ${percent(shareOfBare)}`,
    `  asked meanwhile, once a second: p50 ${asked.p50} ms, p95 ${asked.p95} ms, slowest ${asked.slowest} ms of ${asked.times}`,
  ]
}

const percent = (share: number): string => `${rounded(share * 100)} %`

// Tries every point of a subject against its live system, and says of each: proved, failed and why, or absent and why.

import { type PointName, points } from './points/index.ts'
import type { Point } from './points/point.ts'
import { FaultProxy } from './proxy.ts'
import type { Report, Result } from './report.ts'
import type { Sample, Subject, System } from './subject.ts'
import { Trial } from './trial.ts'
import { Absent, Broken } from './verdict.ts'

type Choice = {
  /** Leaves out the points that take many seconds. */
  readonly short?: boolean
  /** These points alone. */
  readonly only?: readonly PointName[]
  readonly onResult?: (result: Result) => void
}

export async function prove(
  subject: Subject<PointName>,
  { short = false, only, onResult = () => {} }: Choice = {},
): Promise<Report> {
  const system = await subject.start()
  const proxy = await FaultProxy.before(system.url)
  try {
    const results: Result[] = []
    for (const point of points.filter(({ point }) => !only || only.includes(point))) {
      const samples = point.once ? system.samples.slice(0, 1) : system.samples
      for (const sample of samples) {
        const result =
          point.isSlow && short ? notTried(point, sample) : await tried(point, subject, system, sample, proxy)
        onResult(result)
        results.push(result)
      }
    }
    return { connector: subject.connector.name, results }
  } finally {
    await proxy.close()
    await system.stop?.()
  }
}

const about = ({ point, says, once }: Point<PointName>, { object }: Sample) => ({
  point,
  says,
  ...(!once && { object }),
})

const notTried = (point: Point<PointName>, sample: Sample): Result => ({
  ...about(point, sample),
  result: 'not tried',
  words: 'It takes many seconds, and the short form leaves it out',
})

async function tried(
  point: Point<PointName>,
  subject: Subject<PointName>,
  system: System,
  sample: Sample,
  proxy: FaultProxy,
): Promise<Result> {
  const of = about(point, sample)
  const lacks = sample.lacks?.[point.point] ?? subject.lacks?.[point.point]
  let trial: Trial | undefined
  try {
    trial = await Trial.of(subject.connector, system, sample, proxy)
    await point.run(trial)
  } catch (error) {
    if (!(error instanceof Absent)) return { ...of, result: 'failed', words: wordsOf(error) }
    const because = error.because ?? lacks
    if (because !== undefined) return { ...of, result: 'absent', words: because }
    return {
      ...of,
      result: 'failed',
      words: `${error.message}. Where that is meant, name it with its reason: lacks: { '${point.point}': '…' }`,
    }
  } finally {
    await trial?.end()
  }
  if (lacks === undefined) return { ...of, result: 'proved' }
  return { ...of, result: 'failed', words: `It is named as absent ("${lacks}"), and it is there` }
}

/** What is thrown by a connector where it is to answer is a defect, and is told as what it is. */
function wordsOf(error: unknown): string {
  if (error instanceof Broken) return error.message
  return error instanceof Error ? `The connector threw ${error.name}: ${error.message}` : String(error)
}

// Whether what waits for a system grows or drains, as a line over the last minutes.
import { useComputedColorScheme } from '@mantine/core'
import { LineChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import { count } from '../../words/format.ts'
import type { Sample } from './memory.ts'
import styles from './systems.module.css'

/** Shorter, a breath would look like a flood. */
const LEAST_MS = 60_000

use([LineChart, GridComponent, CanvasRenderer])

export default function Trend({ samples }: { samples: readonly Sample[] }) {
  const place = useRef<HTMLDivElement>(null)
  const scheme = useComputedColorScheme('light')
  const newest = samples.at(-1)
  useEffect(() => {
    if (!place.current) return
    const chart = init(place.current)
    const watching = new ResizeObserver(() => chart.resize())
    watching.observe(place.current)
    return () => {
      watching.disconnect()
      chart.dispose()
    }
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew when a figure has come or the colours change
  useEffect(() => {
    if (place.current) init(place.current).setOption(optionOf(samples, place.current))
  }, [newest, scheme])
  return (
    <figure className={styles.trend}>
      <figcaption>
        Waiting while this page is open: at most {count(mostOf(samples))}, now {count(newest?.queue ?? 0)}
      </figcaption>
      <div ref={place} className={styles.trendLine} aria-hidden="true" />
    </figure>
  )
}

const mostOf = (samples: readonly Sample[]): number => Math.max(0, ...samples.map(one => one.queue))

function optionOf(samples: readonly Sample[], place: HTMLElement) {
  const colours = getComputedStyle(place)
  const colour = (name: string): string => colours.getPropertyValue(name).trim()
  const end = samples.at(-1)?.at ?? 0
  const begin = Math.min(samples[0]?.at ?? end, end - LEAST_MS)
  return {
    animation: false,
    textStyle: { fontFamily: colours.fontFamily },
    grid: { left: 26, right: 4, top: 8, bottom: 20 },
    xAxis: {
      type: 'time' as const,
      min: begin,
      max: end,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour('--line-strong') } },
      axisLabel: { color: colour('--text-quiet'), fontSize: 11, formatter: '{HH}:{mm}:{ss}', hideOverlap: true },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value' as const,
      minInterval: 1,
      splitNumber: 2,
      axisLabel: { color: colour('--text-quiet'), fontSize: 11 },
      splitLine: { lineStyle: { color: colour('--line') } },
    },
    series: [
      {
        type: 'line' as const,
        step: 'end' as const,
        symbol: 'none',
        data: samples.map(({ at, queue }) => [at, queue]),
        lineStyle: { color: colour('--accent'), width: 1.5 },
        areaStyle: { color: colour('--accent'), opacity: 0.12 },
      },
    ],
  }
}

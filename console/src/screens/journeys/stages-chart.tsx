// The open journeys by stage, with what they are worth: where it dams up is seen at a glance. The same figures stand in the
// filter beside it, for those who do not see the picture.
import { useComputedColorScheme } from '@mantine/core'
import { BarChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import type { JourneyPage } from '../../api/types.ts'
import { count, counted, moneys, shortMoney } from '../../words/format.ts'
import { type Chosen, toggled } from './filter.ts'
import styles from './journeys.module.css'
import { type Bar, barsOf } from './stages.ts'

use([BarChart, GridComponent, TooltipComponent, CanvasRenderer])

type Props = { page: JourneyPage; chosen: Chosen; onChoose: (next: Chosen) => void }

export default function StagesChart({ page, chosen, onChoose }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const scheme = useComputedColorScheme('light')
  const bars = barsOf(page)
  const latest = useRef({ chosen, onChoose, bars })
  latest.current = { chosen, onChoose, bars }
  const drawn = JSON.stringify([bars, chosen.stage])

  useEffect(() => {
    if (!place.current) return
    const chart = init(place.current)
    chart.on('click', ({ dataIndex }) => {
      const { bars, chosen, onChoose } = latest.current
      const bar = bars[dataIndex]
      if (bar) onChoose(toggled(chosen, { stage: bar.stage }))
    })
    const watching = new ResizeObserver(() => chart.resize())
    watching.observe(place.current)
    return () => {
      watching.disconnect()
      chart.dispose()
    }
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew when the figures or the colours change
  useEffect(() => {
    if (!place.current) return
    init(place.current).setOption(optionOf(latest.current.bars, chosen.stage, place.current))
  }, [drawn, scheme])

  const said = bars.map(bar => `${bar.name}: ${counted(bar.count, 'journey')}, worth ${moneys(bar.worth)}`).join('; ')
  return (
    <figure className={styles.chart} aria-label={`Open journeys by stage. ${said || 'None.'}`}>
      <figcaption className="sr-only">Open journeys by stage</figcaption>
      <div ref={place} className={styles.canvas} aria-hidden="true" />
    </figure>
  )
}

function optionOf(bars: readonly Bar[], stage: string | undefined, place: HTMLElement) {
  const colours = getComputedStyle(place)
  const colour = (name: string): string => colours.getPropertyValue(name).trim()
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  return {
    animation: !still,
    animationDurationUpdate: 300,
    grid: { left: 4, right: 4, top: 24, bottom: 22 },
    textStyle: { fontFamily: colours.fontFamily },
    tooltip: {
      // Drawn on the canvas: a tooltip of HTML would bring its own styles, which the content policy refuses.
      renderMode: 'richText' as const,
      confine: true,
      backgroundColor: colour('--panel-raised'),
      borderColor: colour('--line-strong'),
      textStyle: { color: colour('--text'), fontSize: 12 },
      formatter: ({ dataIndex }: { dataIndex: number }) => {
        const bar = bars[dataIndex]
        return bar ? `${bar.name}\n${counted(bar.count, 'journey')}, worth ${moneys(bar.worth)}` : ''
      },
    },
    xAxis: {
      type: 'category' as const,
      data: bars.map(bar => bar.name),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour('--line-strong') } },
      axisLabel: {
        color: colour('--text-quiet'),
        fontSize: 11.5,
        interval: 0,
        width: place.clientWidth / Math.max(bars.length, 1) - 10,
        overflow: 'truncate' as const,
      },
    },
    yAxis: { type: 'value' as const, show: false },
    series: [
      {
        type: 'bar' as const,
        barMaxWidth: 40,

        data: bars.map(bar => ({
          value: bar.count,
          itemStyle: {
            color: colour('--accent'),
            opacity: stage === undefined || stage === bar.stage ? 0.85 : 0.3,
            borderRadius: [3, 3, 0, 0],
          },
        })),
        label: {
          show: true,
          position: 'top' as const,
          distance: 3,
          color: colour('--text-quiet'),
          fontSize: 11,
          formatter: ({ dataIndex }: { dataIndex: number }) => {
            const bar = bars[dataIndex]
            const worth = bar?.worth[0]
            return bar && bar.count > 0 ? `${count(bar.count)}${worth ? ` · ${shortMoney(worth)}` : ''}` : ''
          },
        },
        emphasis: { disabled: true },
      },
    ],
  }
}

// Before the first answer: the shape of what comes, so that nothing jumps.
import { Skeleton } from '@mantine/core'
import styles from './states.module.css'

const WIDTHS = ['72%', '58%', '81%', '64%', '76%', '52%', '69%', '60%']

export const LoadingRows = ({ rows = 8, height = 40, what }: { rows?: number; height?: number; what: string }) => (
  <div role="status" aria-label={`Loading ${what}`} className={styles.rows}>
    {Array.from({ length: rows }, (_, row) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
      <div key={row} className={styles.row} style={{ height }}>
        <Skeleton height={12} width={WIDTHS[row % WIDTHS.length] ?? '60%'} />
        <Skeleton height={12} width="40%" />
      </div>
    ))}
  </div>
)

export const LoadingText = ({ lines = 3, what }: { lines?: number; what: string }) => (
  <div role="status" aria-label={`Loading ${what}`} className={styles.text}>
    {Array.from({ length: lines }, (_, line) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
      <Skeleton key={line} height={12} width={WIDTHS[line % WIDTHS.length] ?? '60%'} />
    ))}
  </div>
)

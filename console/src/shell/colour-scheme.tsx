// Light, dark, or as the system has it: the button; its menu is large to load, and comes a moment later.
import { useMantineColorScheme } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { comes } from '../coming.ts'
import { useLater } from '../later.ts'
import { Icon } from '../parts/icons.tsx'
import { CHOICES } from './colours.ts'
import styles from './shell.module.css'

const ColourMenu = lazy(comes(() => import('./colour-menu.tsx')))

export function ColourScheme() {
  const [wanted, setWanted] = useState(false)
  const isLater = useLater()
  const { colorScheme } = useMantineColorScheme()
  const chosen = CHOICES.find(one => one.scheme === colorScheme) ?? CHOICES[2]
  const button = (
    <button
      type="button"
      className={styles.quietButton}
      aria-label={`Colours: ${chosen.name}`}
      onClick={() => setWanted(true)}
    >
      <Icon name={chosen.icon} />
    </button>
  )
  return isLater || wanted ? (
    <Suspense fallback={button}>
      <ColourMenu begins={wanted}>{button}</ColourMenu>
    </Suspense>
  ) : (
    button
  )
}

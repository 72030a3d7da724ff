// The colours that there are to choose from.
import type { IconName } from '../parts/icons.tsx'

export const CHOICES = [
  { scheme: 'light', name: 'Light', icon: 'sun' },
  { scheme: 'dark', name: 'Dark', icon: 'moon' },
  { scheme: 'auto', name: 'As the system has it', icon: 'auto' },
] as const satisfies readonly { scheme: string; name: string; icon: IconName }[]

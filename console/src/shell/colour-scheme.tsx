// Light, dark, or as the system has it.
import { Menu, useMantineColorScheme } from '@mantine/core'
import { Icon, type IconName } from '../parts/icons.tsx'
import styles from './shell.module.css'

const CHOICES = [
  { scheme: 'light', name: 'Light', icon: 'sun' },
  { scheme: 'dark', name: 'Dark', icon: 'moon' },
  { scheme: 'auto', name: 'As the system has it', icon: 'auto' },
] as const satisfies readonly { scheme: string; name: string; icon: IconName }[]

export function ColourScheme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const chosen = CHOICES.find(one => one.scheme === colorScheme) ?? CHOICES[2]
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <button type="button" className={styles.quietButton} aria-label={`Colours: ${chosen.name}`}>
          <Icon name={chosen.icon} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {CHOICES.map(({ scheme, name, icon }) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon name={icon} />}
            rightSection={scheme === colorScheme ? <Icon name="check" /> : undefined}
            onClick={() => setColorScheme(scheme)}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

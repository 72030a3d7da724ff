// The choices of colours, below their button.
import { Menu, useMantineColorScheme } from '@mantine/core'
import type { ReactElement } from 'react'
import { Icon } from '../parts/icons.tsx'
import { CHOICES } from './colours.ts'

/** `begins`: somebody pressed the button before the menu was there. */
export default function ColourMenu({ begins, children }: { begins: boolean; children: ReactElement }) {
  // Else Mantine holds transitions still by a <style> of its own, which the content policy refuses.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  return (
    <Menu position="bottom-end" width={200} defaultOpened={begins}>
      <Menu.Target>{children}</Menu.Target>
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

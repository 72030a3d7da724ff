// What the keyboard does.
import { Kbd } from '@mantine/core'
import { Dialog } from '../parts/dialog.tsx'
import { KEYS } from './keys.ts'
import styles from './shell.module.css'

export const KeyboardHelp = ({ opened, onClose }: { opened: boolean; onClose: () => void }) => (
  <Dialog title="Keyboard" opened={opened} onClose={onClose} size={620}>
    <div className={styles.keys}>
      {KEYS.map(({ group, keys }) => (
        <section key={group} aria-label={group}>
          <h3>{group}</h3>
          <dl>
            {keys.map(({ press, does }) => (
              <div key={does}>
                <dt>
                  {press.map(key => (
                    <Kbd key={key} size="xs">
                      {key}
                    </Kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  </Dialog>
)

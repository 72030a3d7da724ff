// What came of an act, at the edge of the screen for a moment.
import '@mantine/notifications/styles.layer.css'
import { Notifications } from '@mantine/notifications'

const Notices = () => <Notifications position="bottom-right" limit={3} />
export default Notices

// Search by any business number or name, from everywhere.
import { spotlight } from '@mantine/spotlight'

export const openSearch = (): void => spotlight.open()

export const Search = () => null

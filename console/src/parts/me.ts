// Who acts: until there is a sign-in, people say their name once and the browser keeps it. It stands in what they did.
import { useLocalStorage } from '@mantine/hooks'

export const useMyName = (): [string, (name: string) => void] => {
  const [name, setName] = useLocalStorage({ key: 'plumbline.name', defaultValue: '', getInitialValueInEffect: false })
  return [name, setName]
}

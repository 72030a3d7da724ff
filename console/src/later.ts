// Whether the first screen has come. What is not needed to read it, waits until then.
import { flag } from './flag.ts'

export const { useIt: useLater, raise: becomeLater } = flag()

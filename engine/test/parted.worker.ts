// An engine in a process of its own, to be killed: it says when it is ready.
import { startEngine } from '../src/index.ts'
import { type Parting, partedProject } from './parted.project.ts'

const gone: Parting = JSON.parse(process.env.PARTED_GONE ?? '{}')
const engine = await startEngine({ project: partedProject(gone), databaseUrl: process.env.PARTED_DATABASE ?? '' })
while (!(await engine.ready()).ready) await new Promise(resolve => setTimeout(resolve, 50))
process.stdout.write('ready\n')

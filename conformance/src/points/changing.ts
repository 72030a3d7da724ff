// Changes: what was meant and nothing else, never over what somebody changed meanwhile; and batches, each record by itself.
import type { Native, NativeId, Write } from '@plumbline/sdk'
import type { Trial } from '../trial.ts'
import { Absent, given, must, said, same, told } from '../verdict.ts'

const changeOf = (trial: Trial, id: NativeId, number: number, token?: string): Write => {
  const change = given(trial.sample.change)
  return { key: trial.ref(), id, fields: change(number), lists: {}, ...(token !== undefined && { token }) }
}

const differs = (fields: Native, wanted: Native): string | undefined => {
  const name = Object.keys(wanted).find(one => !same(fields[one], wanted[one]))
  return name && `${name} is ${told(fields[name])}, and ${told(wanted[name])} was written`
}

export const changing = [
  {
    point: 'change',
    says: 'A change is written as it was meant, leaves the rest as it was, and moves the version on',
    run: async (trial: Trial) => {
      given(trial.sample.change)
      const id = await trial.record()
      await trial.written(changeOf(trial, id, 1))
      const before = await trial.read(id)
      const write = changeOf(trial, id, 2, before.token)
      const end = await trial.written(write)
      const after = await trial.read(id)
      const wrong = differs(after.fields, write.fields)
      must(!wrong, `${wrong}`)
      must(end.id === id, `A change of ${id} ended as one of ${end.id}`)
      must(after.position.at >= before.position.at, 'A change moved the position back')
      if (before.token !== undefined) must(after.token !== before.token, 'A change left the version token as it was')
      const told = trial.sample.refOf
      if (told) must(same(told(after.fields), told(before.fields)), 'A change of another field changed the ref')
    },
  },
  {
    point: 'change-stale',
    says: 'A change for a version that is no longer the latest is not carried out',
    run: async (trial: Trial) => {
      given(trial.sample.change)
      if (!trial.spec.isVersioned)
        throw new Absent(`${trial.sample.object} is not declared as versioned: the last change wins`)
      const id = await trial.record()
      const { token } = await trial.read(id)
      must(token !== undefined, 'It is declared as versioned, and what is read carries no token')
      const somebody = changeOf(trial, id, 1, token)
      await trial.written(somebody)
      const end = await trial.writeOne(changeOf(trial, id, 2, token))
      must(end.end === 'unavailable' || end.end === 'refused', `It ended ${said(end)}`)
      const wrong = differs((await trial.read(id)).fields, somebody.fields)
      must(!wrong, `What somebody wrote meanwhile was overwritten: ${wrong}`)
    },
  },
  {
    point: 'change-reply-lost',
    says: 'A change whose answer was lost ends "unknown", and sent again it is as it was meant',
    run: async (trial: Trial) => {
      const id = await trial.record()
      const { token } = await trial.read(id)
      const write = changeOf(trial, id, 3, token)
      const { result: end, calls } = await trial.proxy.watching(() =>
        trial.during(trial.onWrites({ lose: 'reply' }), () => trial.writeOne(write)),
      )
      must(end.end === 'unknown', `Its answer was lost, and it ended ${said(end)}`)
      const sent = calls.filter(trial.isWrite).length
      must(sent === 1, `The connector sent it ${sent} times; only the engine sends again`)
      const again = await trial.writeOne(write)
      must(again.end === 'written' || again.end === 'unavailable', `Sent again it ended ${said(again)}`)
      const wrong = differs((await trial.read(id)).fields, write.fields)
      must(!wrong, `${wrong}`)
    },
  },
  {
    point: 'batch-each',
    says: 'One record that is refused neither stops its neighbours nor hides behind them',
    run: async (trial: Trial) => {
      const refused = given(trial.sample.refused)
      const [first, last, odd] = [trial.newCreate(), trial.newCreate(), trial.ref()]
      const ends = await trial.write(first, trial.asCreate(refused(odd), odd), last)
      const expected = ['written', 'refused', 'written']
      must(
        same(
          ends.map(({ end }) => end),
          expected,
        ),
        `Of three the second was to be refused, and they ended ${ends.map(said).join('; ')}`,
      )
      for (const [at, create] of [
        [0, first],
        [2, last],
      ] as const) {
        const end = ends[at]
        if (end?.end !== 'written') continue
        const ref = trial.refOf((await trial.read(end.id)).fields)
        must(ref === create.ref, `The end of ${create.ref} names the record of ${told(ref)}`)
      }
      must((await trial.copies(odd)) === 0, 'What was refused is there')
    },
  },
] as const

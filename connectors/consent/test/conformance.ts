// What the conformance kit needs to try this connector: a sandbox of the service, and people to write there.
import { absent, inField, type Subject, type System } from '@plumbline/conformance'
import { consents } from '../src/index.ts'
import { startService } from './support.ts'

const key = 'sandbox-consent-key'
const noAmounts = 'A consent service keeps no amounts'
const noDays = 'A consent service keeps no days'

async function start(): Promise<System> {
  // The kit asks as fast as it is answered, faster than the service lets anybody.
  const service = await startService({ requestsPerSecond: 200 })
  let people = 0
  const email = (): string => `p${++people}@example.com`
  const person = (external_id: string) => ({ fields: { email: email(), last_name: 'Byron', external_id } })
  const signUp = () => service.door('person/sign-up', { email: email() })
  return {
    url: service.sandbox.url,
    settings: url => ({ url, key, pollEvery: '50' }),
    samples: [
      {
        object: 'Subject',
        create: person,
        refOf: fields => fields.external_id,
        refused: external_id => ({ fields: { email: null, last_name: 'Byron', external_id } }),
        change: number => ({ first_name: `Ada ${number}` }),
        perPage: 200,
        fill: async count => {
          for (let n = 0; n < count; n++) await signUp()
        },
        text: { ...inField('last_name'), longest: 80 },
        optional: { field: 'first_name', value: 'Ada' },
        money: absent(noAmounts),
        day: absent(noDays),
        instant: absent('What is read of a person tells no time'),
        remove: async id => {
          const authorization = `Bearer ${key}`
          const response = await fetch(`${service.sandbox.url}/v1/subjects/${id}`, { headers: { authorization } })
          const { email } = (await response.json()) as { email: string }
          await service.door('officer/erase', { email })
        },
      },
    ],
    sessionExpired: absent('An API key does not run out; one that was revoked is revoked'),
    // The service tells the last two seconds again.
    lateMs: 2_000,
    stop: service.close,
  }
}

export const subject: Subject = {
  connector: consents,
  start,
  lacks: { 'flag-prices': 'A consent service knows no prices' },
}

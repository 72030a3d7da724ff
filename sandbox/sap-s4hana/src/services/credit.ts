// API_CRDTMBUSINESSPARTNER: credit accounts with their limit and what is drawn on it.
import { setCreditAccount } from '../business/customers.ts'
import { money } from '../business/money.ts'
import { exposureKey, type World } from '../business/world.ts'
import { type CreditAccount, creditAccount } from '../documents/terms.ts'
import { entitySet, type Service, service } from '../odata/service.ts'
import { byId, rowsWithin } from './rows.ts'

export function creditService(world: World): Service {
  const withExposure = (account: CreditAccount): CreditAccount => {
    const { CreditMgmtBusinessPartner: customer, CreditSegmentCurrency: currency } = account
    return { ...account, CreditExposureAmount: money(world.exposure.of(exposureKey(customer, currency)), currency) }
  }
  const accountOf = (id: string | undefined) => {
    const account = world.credit.get(id ?? '')
    return account && withExposure(account)
  }
  return service('API_CRDTMBUSINESSPARTNER', 'FIN-FSCM-CR', [
    entitySet({
      type: creditAccount,
      source: {
        byKey: key => (key.CreditSegment === '0000' ? accountOf(key.CreditMgmtBusinessPartner) : undefined),
        all: () => rowsWithin(world.credit.values(), account => [withExposure(account)]),
        equals: { CreditMgmtBusinessPartner: byId(accountOf) },
      },
      update: (row, input, call) => setCreditAccount(world, row.CreditMgmtBusinessPartner, input, call),
    }),
  ])
}

// An amount with its currency.
import { type Amount, money, shortMoney } from '../words/format.ts'

export const Money = ({ of, short = false }: { of: Amount | null; short?: boolean }) =>
  of === null ? (
    <span className="quiet" title="No value is known">
      –
    </span>
  ) : (
    <data className="figures" value={of.amount} title={money(of)}>
      {short ? shortMoney(of) : money(of)}
    </data>
  )

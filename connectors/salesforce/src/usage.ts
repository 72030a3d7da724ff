// How much of the day's calls is used, as Salesforce says with every answer: `Sforce-Limit-Info: api-usage=18/5000`.
import type { Allowance } from '@plumbline/sdk'

export class Usage {
  #last: Allowance | undefined

  heard(header: string | null): void {
    const [, used, of] = /api-usage=(\d+)\/(\d+)/.exec(header ?? '') ?? []
    if (used !== undefined && of !== undefined) this.#last = { used: Number(used), of: Number(of) }
  }

  get last(): Allowance | undefined {
    return this.#last
  }
}

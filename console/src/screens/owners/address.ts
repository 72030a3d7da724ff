// What the address of the matrix of owners says: what it is narrowed to, so that it can be sent to a colleague.
export type OwnersAddress = {
  readonly contract?: string
  readonly system?: string
  readonly search?: string
}

export function ownersAddress(asked: Record<string, unknown>): OwnersAddress {
  const [contract, system, search] = [text(asked.contract), text(asked.system), text(asked.search)]
  return {
    ...(contract !== undefined && { contract }),
    ...(system !== undefined && { system }),
    ...(search !== undefined && { search }),
  }
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= 200 ? value : undefined

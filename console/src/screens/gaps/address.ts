// What the address of the gaps says: of which system.
export type GapsAddress = { readonly system?: string }

export const gapsAddress = ({ system }: Readonly<Record<string, unknown>>): GapsAddress =>
  typeof system === 'string' && system !== '' && system.length <= 200 ? { system } : {}

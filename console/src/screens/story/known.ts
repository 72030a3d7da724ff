// Values that are more than their parts, as contracts write them.

type Fields = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isAmount = (value: unknown): value is { amount: string; currency: string | null } =>
  isObject(value) &&
  Object.keys(value).length === 2 &&
  typeof value.amount === 'string' &&
  (typeof value.currency === 'string' || value.currency === null)

/** Another record. */
export const isReference = (value: unknown): value is { id: string; contract: string } =>
  isObject(value) &&
  Object.keys(value).length === 2 &&
  typeof value.id === 'string' &&
  typeof value.contract === 'string'

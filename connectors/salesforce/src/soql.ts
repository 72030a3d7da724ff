// Values within a query.
export const quoted = (value: string): string => `'${value.replace(/['\\]/g, '\\$&')}'`
export const among = (field: string, values: Iterable<string>): string =>
  `${field} IN (${[...values].map(quoted).join(',')})`

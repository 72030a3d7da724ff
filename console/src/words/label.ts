// How a field is called where no label is at hand: `requestedDate` is "Requested date", `erp` is "ERP".
export function labelOf(name: string): string {
  if (/^(erp|crm|id)$/i.test(name)) return name.toUpperCase()
  const words = name.replace(/([a-z0-9])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`)
  return capital(words)
}

export const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

// Amounts and quantities compared without floats.

/** An amount or quantity in hundred-thousandths, exactly: no float has a say in a comparison. */
export function exact(value: unknown): bigint {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,5}))?$/.exec(String(value)) ?? []
  if (whole === undefined) throw new Error(`This is no amount: ${JSON.stringify(value)}`)
  const amount = BigInt(whole) * scale + BigInt(fraction.padEnd(5, '0'))
  return sign === '-' ? -amount : amount
}
const scale = 100_000n
/** Quantity times price. */
export const times = (quantity: bigint, price: bigint): bigint => (quantity * price) / scale

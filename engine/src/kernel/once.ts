// What follows from a part of the project alone, worked out once for it.

export function onceFor<K extends object, V>(workOut: (of: K) => V): (of: K) => V {
  const known = new WeakMap<K, V>()
  return of => {
    const found = known.get(of)
    if (found !== undefined) return found
    const value = workOut(of)
    known.set(of, value)
    return value
  }
}

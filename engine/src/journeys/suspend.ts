// How a journey's code is left: it waits, it is put off, or it stops. Only `stop` is thrown; a wait is a promise that
// never resolves, so that no author's catch can swallow it.

/** Thrown by `stop(reason)`: what was done is undone. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
}

/** What is in the way: a system that did not answer, a record that it does not know, or one that no system serves. */
export type InTheWay =
  /** `isOfLane`: its lane took no call. */
  | { readonly is: 'system'; readonly system: string; readonly isOfLane: boolean }
  | { readonly is: 'record'; readonly system: string; readonly object: string | undefined; readonly ref: string }
  /** A value of a record by which no system of the role serves it. */
  | {
      readonly is: 'route'
      readonly role: string
      /** The record that has it; what is said outright has none. */
      readonly ref: string | undefined
      readonly field: string
      readonly value: unknown
    }

/** Thrown inside tools when the journey must be tried later: the reason is for people. */
export class PutOff extends Error {
  override readonly name = 'PutOff'
  readonly todo: string
  /** When it is worth trying again, where nothing wakes the journey. */
  readonly inMs: number
  readonly by: InTheWay
  constructor(reason: string, todo: string, inMs: number, by: InTheWay) {
    super(reason)
    this.todo = todo
    this.inMs = inMs
    this.by = by
  }
}

/** Thrown when a journey in flight meets code that no longer has what it already did. */
export class CodeChanged extends Error {
  override readonly name = 'CodeChanged'
}

/** Settles once every strand of the journey's code waits and none works. */
export class Suspension {
  readonly happened: Promise<'suspended'>
  private resolve: (how: 'suspended') => void = () => undefined
  private working = 0
  private waits = 0
  private whenDone: (() => void)[] = []

  constructor() {
    this.happened = new Promise(resolve => {
      this.resolve = resolve
    })
  }

  /** Runs an effect of the journey; while one runs, the journey is not suspended. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.working++
    try {
      return await work()
    } finally {
      this.working--
      if (this.working === 0) for (const done of this.whenDone.splice(0)) done()
      this.settleSoon()
    }
  }

  /** A promise that never resolves: this strand waits. */
  forever(): Promise<never> {
    this.waits++
    this.settleSoon()
    return new Promise(() => undefined)
  }

  /** Resolves when no strand works any more: each waits, or is over. */
  async idle(): Promise<void> {
    do await new Promise(resolve => setImmediate(resolve))
    while (this.working > 0 && (await new Promise(resolve => this.whenDone.push(() => resolve(true)))))
  }

  private settleSoon(): void {
    // After the microtasks that this turn still has: another strand may just be about to begin an effect.
    setImmediate(() => {
      if (this.working === 0 && this.waits > 0) this.resolve('suspended')
    })
  }
}

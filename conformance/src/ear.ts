// Listens to a feed in the background, and keeps what it hears.

import { setTimeout as sleep } from 'node:timers/promises'
import type { AnyConnector, Heard, NativeId, Observation, Unreadable } from '@plumbline/sdk'
import { Broken, has, must } from './verdict.ts'

export class Ear {
  readonly heard: Observation[] = []
  readonly unreadable: Unreadable[] = []
  cursor: string | undefined
  readonly #patienceMs: number
  readonly #stopping = new AbortController()
  readonly #run: Promise<void>
  broke: unknown

  constructor(connector: AnyConnector, api: unknown, object: string, patienceMs: number, cursor?: string) {
    this.#patienceMs = patienceMs
    const follow = has(connector.spec.follow, 'The connector has no feed')
    const objects = [object]
    const from = {
      objects,
      specs: connector.objects,
      signal: this.#stopping.signal,
      ...(cursor !== undefined && { cursor }),
    }
    this.cursor = cursor
    this.#run = this.#follow(follow(api, from))
  }

  async #follow(feed: AsyncIterable<Heard>): Promise<void> {
    try {
      for await (const batch of feed) {
        for (const one of batch.heard) 'unreadable' in one ? this.unreadable.push(one) : this.heard.push(one)
        this.cursor = batch.cursor
      }
      if (!this.#stopping.signal.aborted) this.broke = new Broken('The feed ended by itself, with no word')
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.broke = error
    }
  }

  /** It said where it stands. */
  ready(): Promise<void> {
    return this.until(() => this.cursor !== undefined, 'The feed did not say where it stands')
  }

  of(id: NativeId): readonly Observation[] {
    return this.heard.filter(one => one.id === id || one.entryOf?.parent === id)
  }

  async until(holds: () => boolean, otherwise: string): Promise<void> {
    const end = performance.now() + this.#patienceMs
    while (!holds()) {
      if (this.broke !== undefined) throw this.broke
      must(performance.now() < end, `${otherwise} within ${this.#patienceMs / 1_000} s`)
      await sleep(10)
    }
  }

  async untilBroken(otherwise: string): Promise<unknown> {
    const end = performance.now() + this.#patienceMs
    while (this.broke === undefined) {
      must(performance.now() < end, `${otherwise} within ${this.#patienceMs / 1_000} s`)
      await sleep(10)
    }
    return this.broke
  }

  async stop(): Promise<string | undefined> {
    this.#stopping.abort()
    await this.#run
    return this.cursor
  }
}

// The topics one can subscribe to, and the schemas of what they carry. Schemas once given stay readable.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Org } from '../org.ts'
import { changeEventName } from '../schema.ts'
import { type EventCodec, eventCodec } from './events.ts'

export type Topic = { readonly name: string; carries(object: string): boolean; readonly schemaId: string }

/** Objects whose changes are not announced. */
const SILENT = new Set(['Organization'])

export class Topics {
  readonly #codecs = new Map<string, EventCodec>()
  readonly #topics = new Map<string, Topic>()
  readonly #folder: string

  constructor(org: Org, dataFolder: string) {
    this.#folder = join(dataFolder, 'schemas')
    mkdirSync(this.#folder, { recursive: true })
    for (const type of org.schema.objects) {
      if (SILENT.has(type.name)) continue
      const codec = eventCodec(type)
      this.#codecs.set(type.name, codec)
      this.#keep(codec)
      this.#add(`/data/${changeEventName(type.name)}`, object => object === type.name, codec.schemaId)
    }
    this.#add('/data/ChangeEvents', object => this.#codecs.has(object), '')
    for (const [channel, members] of org.shape.channels) {
      const objects = new Set(members.map(member => org.schema.named(member)?.name))
      this.#add(`/data/${channel}`, object => objects.has(object), '')
    }
  }

  find(name: string): Topic | undefined {
    return this.#topics.get(name)
  }

  codec(object: string): EventCodec | undefined {
    return this.#codecs.get(object)
  }

  schemaJson(schemaId: string): string | undefined {
    const path = join(this.#folder, `${schemaId}.json`)
    return /^[\w-]{22}$/.test(schemaId) && existsSync(path) ? readFileSync(path, 'utf8') : undefined
  }

  #add(name: string, carries: (object: string) => boolean, schemaId: string): void {
    this.#topics.set(name, { name, carries, schemaId })
  }

  #keep(codec: EventCodec): void {
    const path = join(this.#folder, `${codec.schemaId}.json`)
    if (!existsSync(path)) writeFileSync(path, codec.schemaJson)
  }
}

// A picture in fewer bytes: the browser packs in haste, and what is kept in the repository is packed once more, without loss.
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const HEAD = 8
type Chunk = { readonly type: string; readonly data: Buffer }

/** The same picture, pixel for pixel. Screens are flat: their bytes as they are pack better than differences between them. */
export function smaller(png: Buffer): Buffer {
  const chunks = chunksOf(png)
  const head = chunks.find(one => one.type === 'IHDR')?.data
  if (!head) throw new Error('This is no PNG')
  const [width, depth, colours] = [head.readUInt32BE(0), head[8], head[9]]
  // Eight bits a channel, with or without a transparent one: what the browser writes.
  const channels = colours === 2 ? 3 : colours === 6 ? 4 : 0
  if (depth !== 8 || channels === 0) return png
  const packed = Buffer.concat(chunks.filter(one => one.type === 'IDAT').map(one => one.data))
  const repacked = deflateSync(unfiltered(inflateSync(packed), width * channels, channels), { level: 9, memLevel: 9 })
  const all = [
    { type: 'IHDR', data: head },
    { type: 'IDAT', data: repacked },
    { type: 'IEND', data: Buffer.alloc(0) },
  ]
  return Buffer.concat([png.subarray(0, HEAD), ...all.map(written)])
}

/** Each row begins with the way in which it was told from its neighbours; 0 says "as it is". */
function unfiltered(rows: Buffer, stride: number, step: number): Buffer {
  const out = Buffer.alloc(rows.length)
  for (let row = 0; row < rows.length; row += stride + 1) {
    const way = rows[row]
    for (let i = row + 1; i <= row + stride; i++) {
      const left = i - row > step ? (out[i - step] ?? 0) : 0
      const up = row > 0 ? (out[i - stride - 1] ?? 0) : 0
      const corner = row > 0 && i - row > step ? (out[i - stride - 1 - step] ?? 0) : 0
      out[i] = (rows[i] ?? 0) + guess(way, left, up, corner)
    }
  }
  return out
}

function guess(way: number | undefined, left: number, up: number, corner: number): number {
  if (way === 1) return left
  if (way === 2) return up
  if (way === 3) return (left + up) >> 1
  if (way !== 4) return 0
  const [toLeft, toUp, toCorner] = [up - corner, left - corner, left + up - 2 * corner].map(Math.abs)
  if (toLeft === undefined || toUp === undefined || toCorner === undefined) return 0
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner
}

function chunksOf(png: Buffer): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = HEAD; at < png.length; ) {
    const length = png.readUInt32BE(at)
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) })
    at += 12 + length
  }
  return chunks
}

function written({ type, data }: Chunk): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

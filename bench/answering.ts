// The other end of the bare fetch loop: a server that answers every request with a kilobyte of JSON.
import { createServer } from 'node:http'

const body = JSON.stringify({ d: { results: Array.from({ length: 10 }, (_, i) => ({ id: i, name: 'x'.repeat(80) })) } })
const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(body))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address) console.log(JSON.stringify({ ready: true, port: address.port }))
})

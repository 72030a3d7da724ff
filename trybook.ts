import { measureBookings, measureLatency } from '/tmp/clean/bench/bookings.ts'
const [w, quotes, lat] = process.argv.slice(2).map(Number)
if (w) console.log(await measureBookings(w, { quotes: quotes!, times: 2 }, console.log))
if (lat) console.log(await measureLatency(lat, console.log))
process.exit(0)

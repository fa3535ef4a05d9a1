/** One build in a process of its own, to be killed: `node bench/build/runner.ts HOST DIR NAME CHECKOUT STORE`. */
import { buildImage } from '../../src/image/index.ts'
import { requestOf, storeEnv } from './place.ts'

const [, , host = '', dir = '', name = '', checkout = '', store = ''] = process.argv
const place = { host, dir, end: async () => {} }
const built = await buildImage(requestOf(place, name, checkout, storeEnv(place, store)))
console.log(JSON.stringify(built.ok ? { digest: built.value.digest } : { fault: built.fault }))
process.exitCode = built.ok ? 0 : 1

import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { useProxyOf } from './proxy.ts'

test('an environment without a proxy changes nothing', () => {
  expect(useProxyOf({ PATH: '/bin', NO_PROXY: '*', HTTP_PROXY: '' })).toBe('none')
})

// In a process of its own: the setting is one of the whole process.
test('fetch goes through the proxy of the given environment, and past it for NO_PROXY', async () => {
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end('from the proxy')
  })
  proxy.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const script = `
    import { boundedFetch, useProxyOf } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
    const use = useProxyOf({ HTTP_PROXY: '${url}', NO_PROXY: '127.0.0.1' })
    const get = boundedFetch({ retries: 0 })
    const through = await get('http://service.invalid/x').then((r) => r.text(), (e) => e.message)
    const past = await get('${url}/direct').then((r) => r.text(), (e) => e.message)
    console.log(JSON.stringify({ use, through, past }))
  `
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: {},
  })
  proxy.closeAllConnections()
  proxy.close()
  expect(JSON.parse(stdout).use).toBe('used')
  expect(asked.some((line) => line.includes('service.invalid'))).toBe(true)
  expect(asked.at(-1)).toBe('/direct')
})

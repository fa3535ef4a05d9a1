import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { manualClock, type RunningServer, type ServerOptions, scaledClock, startServer } from './index.ts'

let running: RunningServer | undefined
afterEach(() => running?.close())

const start = async (options: Partial<ServerOptions>): Promise<RunningServer> => {
  running = await startServer({
    handle: (request) => ({ status: 200, body: { path: request.path, size: request.body.length } }),
    onDefect: (error) => ({ status: 500, body: { message: String(error) } }),
    ...options,
  })
  return running
}

describe('the HTTP server of the stand-ins', () => {
  it('dates its answers by its clock', async () => {
    const clock = manualClock({ start: new Date('2031-05-06T07:08:09Z') })
    const { url } = await start({ clock })
    expect((await fetch(url)).headers.get('date')).toBe('Tue, 06 May 2031 07:08:09 GMT')
  })

  it('refuses a body over its bound and goes on serving', async () => {
    const { url, requests } = await start({ maxBodyBytes: 10 })
    expect((await fetch(url, { method: 'POST', body: 'x'.repeat(11) })).status).toBe(413)
    expect(await (await fetch(`${url}/a%20b`, { method: 'POST', body: 'x'.repeat(10) })).json()).toEqual({
      path: '/a b',
      size: 10,
    })
    expect(requests.map((request) => request.status)).toEqual([413, 200])
  })

  it('answers a defect in the format of the stand-in', async () => {
    const { url } = await start({
      handle: () => {
        throw new Error('broken')
      },
    })
    expect(await (await fetch(url)).json()).toEqual({ message: 'Error: broken' })
  })

  it('lets a test answer in its place or break the connection', async () => {
    const { url } = await start({
      intercept: (request) =>
        request.path === '/drop' ? 'drop' : request.path === '/busy' ? { status: 503 } : undefined,
    })
    expect((await fetch(`${url}/busy`)).status).toBe(503)
    await expect(fetch(`${url}/drop`)).rejects.toThrow()
    expect((await fetch(url)).status).toBe(200)
  })

  it('closes open connections and frees its port', async () => {
    const server = await start({ handle: () => ({ stream: (response) => void response.write('open') }) })
    const response = await fetch(server.url)
    await server.close()
    await expect(response.text()).rejects.toThrow()
    const port = Number(server.host.split(':')[1])
    await expect(
      new Promise((resolve, reject) => connect(port, '127.0.0.1', () => resolve('open')).on('error', reject)),
    ).rejects.toThrow(/ECONNREFUSED/)
  })
})

describe('clocks', () => {
  it('a manual clock runs what falls due in the order of its moments', async () => {
    const clock = manualClock({ start: new Date(0) })
    const seen: string[] = []
    const note = (name: string) => seen.push(`${name}@${clock.now().getTime()}`)
    clock.after(20, () => note('b'))
    clock.after(10, () => {
      note('a')
      clock.after(5, () => note('nested'))
    })
    const cancel = clock.after(15, () => note('never'))
    cancel()
    await clock.advance(15)
    expect(seen).toEqual(['a@10', 'nested@15'])
    await clock.advance(100)
    expect(seen).toEqual(['a@10', 'nested@15', 'b@20'])
    expect(clock.now().getTime()).toBe(115)
  })

  it('a scaled clock passes an hour in some milliseconds, and jumps over the rest', async () => {
    const clock = scaledClock({ speed: 360_000, start: new Date(0) })
    await new Promise<void>((resolve) => clock.after(3_600_000, resolve))
    expect(clock.now().getTime()).toBeGreaterThanOrEqual(3_600_000)
    clock.setSpeed(1)
    const far = new Promise<void>((resolve) => clock.after(86_400_000, resolve))
    clock.jump(86_400_000)
    await far
    clock.close()
  })
})

import net from 'node:net'

/** Bounds are written for a quiet machine; a shared one was measured five times slower for an hour. */
const slack = 5

/** Polls until `probe` answers something; rejects after `seconds` and slack with what was waited for and the last error. */
export async function waitFor<T>(
  what: string,
  seconds: number,
  probe: () => Promise<T | undefined>,
  everyMs = 50,
): Promise<T> {
  const end = performance.now() + seconds * slack * 1000
  let last: unknown
  for (;;) {
    try {
      const value = await probe()
      if (value !== undefined) return value
      last = undefined
    } catch (error) {
      last = error
    }
    if (performance.now() > end) {
      const why = last instanceof Error ? `: ${last.message}` : ''
      throw new Error(`waited ${seconds * slack} s in vain for ${what}${why}`, { cause: last })
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

/** True once something on loopback answers 2xx. */
export async function answers(url: string): Promise<true | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
  await response.body?.cancel()
  return response.ok ? true : undefined
}

/**
 * Ports that are free now, drawn at random below the range from which the kernel takes ports for outgoing
 * connections: one of those could take a port between here and the part that binds it.
 */
export async function freePorts<const N extends readonly string[]>(
  names: N,
): Promise<Record<N[number], number>> {
  const ports = new Set<number>()
  for (let attempts = 0; ports.size < names.length; attempts++) {
    if (attempts > 200) throw new Error(`no free ports between ${LOWEST_PORT} and ${LOWEST_PORT + PORTS}`)
    const port = LOWEST_PORT + Math.floor(Math.random() * PORTS)
    if (await isFree(port)) ports.add(port)
  }
  const drawn = [...ports]
  return Object.fromEntries(names.map((name, i) => [name, drawn[i]])) as Record<N[number], number>
}

const LOWEST_PORT = 15_000
/** Linux takes outgoing ports from 32768 on (net.ipv4.ip_local_port_range). */
const PORTS = 17_000

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer().once('error', () => resolve(false))
    // On all interfaces, as two of the parts bind.
    server.listen(port, () => server.close(() => resolve(true)))
  })
}

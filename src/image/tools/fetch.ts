import type { FetchTool } from './find.ts'

/** Through the runner's tool cache; its library is loaded only when a tool is missing. */
export const fetchTool: FetchTool = async (pin, signal) => {
  signal.throwIfAborted()
  const { fetchPinned } = await import('./cache.heavy.ts')
  return fetchPinned(pin)
}

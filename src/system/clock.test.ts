import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'

test('sleeps about as long as it was told', async () => {
  const before = performance.now()
  await systemClock().sleep(30, new AbortController().signal)
  expect(performance.now() - before).toBeGreaterThanOrEqual(29)
})

test('an abort ends a sleep with its reason, also one longer than a timer can hold', async () => {
  const abort = new AbortController()
  const asleep = systemClock().sleep(60 * 86_400_000, abort.signal)
  setTimeout(() => abort.abort(new Error('enough')), 10)
  await expect(asleep).rejects.toThrow('enough')
})

test('does not sleep at all when it was aborted before', async () => {
  await expect(systemClock().sleep(0, AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
  await expect(systemClock().sleep(5, AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
})

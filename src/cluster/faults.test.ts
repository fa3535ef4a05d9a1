import { describe, expect, it } from 'vitest'
import { refusal, unreachable } from './faults.ts'

const status = (message: string) => JSON.stringify({ kind: 'Status', status: 'Failure', message })

describe('an answer that is no success', () => {
  it.each([
    [401, 'credentials-expired', 'world'],
    [403, 'permission-denied', 'user'],
    [404, 'cluster-object-missing', 'user'],
    [409, 'cluster-conflict', 'world'],
    [422, 'cluster-refused', 'user'],
    [429, 'cluster-unreachable', 'world'],
    [503, 'cluster-unreachable', 'world'],
  ])('%d is %s', (code, reason, blame) => {
    expect(refusal('api.example.com', 'GET /x', code, status('words'))).toMatchObject({
      reason,
      blame,
      status: code,
    })
  })

  it('names the verb and the resource that the Role lacks', () => {
    const message =
      'rollouts.argoproj.io "delivery-api" is forbidden: User "system:serviceaccount:tuesday:tuesday" cannot patch resource "rollouts/status" in API group "argoproj.io" in the namespace "delivery-prod-us"'
    const fault = refusal('api.example.com', 'PATCH /x', 403, status(message))
    expect(fault.next).toContain('patch rollouts/status in API group argoproj.io')
  })

  it('quotes a proxy that answers no JSON', () => {
    expect(refusal('api.example.com', 'GET /x', 502, '<html>Bad Gateway</html>').cause).toContain(
      'Bad Gateway',
    )
  })

  it('finds the errno behind a failed connection', () => {
    const error = new Error('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:1') })
    expect(unreachable('127.0.0.1:1', 'GET /x', error).cause).toContain('ECONNREFUSED')
  })
})

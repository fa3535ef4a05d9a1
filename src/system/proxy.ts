import * as http from 'node:http'

export type ProxyUse = 'none' | 'used' | 'unsupported'

/**
 * Lets fetch, node:http and node:https of this process go through the proxy that the given environment names
 * (HTTP_PROXY, HTTPS_PROXY, NO_PROXY in either case). Node does not look at them by itself unless
 * NODE_USE_ENV_PROXY was set when it started; `http.setGlobalProxyFromEnv` came with Node 24.14, so on an
 * older runner the answer is `unsupported` and the caller says so.
 */
export function useProxyOf(env: Readonly<Record<string, string>>): ProxyUse {
  const named = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'].filter((name) => env[name])
  if (named.length === 0) return 'none'
  if (['1', 'true'].includes(env.NODE_USE_ENV_PROXY ?? '')) return 'used'
  if (typeof http.setGlobalProxyFromEnv !== 'function') return 'unsupported'
  http.setGlobalProxyFromEnv(env)
  return 'used'
}

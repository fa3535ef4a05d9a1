import { request as requestHttp } from 'node:http'
import { type RequestOptions, request as requestHttps } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import type { ConnectOptions } from './connect.ts'
import type { Transport, TransportRequest, TransportResponse } from './transport.ts'

interface Endpoint {
  readonly url: URL
  readonly options: RequestOptions
}

/**
 * Kubeconfig, credential programs (exec), token files, client certificates, proxies and TLS names by
 * @kubernetes/client-node; requests by node:http, whose streams can be bounded for silence.
 */
export async function openTransport(
  source: ConnectOptions['kubeconfig'],
  context: string,
): Promise<Transport> {
  let config = readConfig(source, context)
  const { host } = serverOf(config)

  return {
    server: host,
    async renew() {
      config = readConfig(source, context)
      await endpointOf(config)
    },
    async send(request) {
      return exchange(await endpointOf(config), request)
    },
  }
}

function readConfig(source: ConnectOptions['kubeconfig'], context: string): KubeConfig {
  const config = new KubeConfig()
  if ('path' in source) config.loadFromFile(source.path)
  else config.loadFromString(source.text)
  const names = config.getContexts().map((each) => each.name)
  if (!names.includes(context)) {
    throw new Error(`it has no context ${context} (it has: ${names.join(', ') || 'none'})`)
  }
  config.setCurrentContext(context)
  return config
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

function serverOf(config: KubeConfig): URL {
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error(`context ${config.getCurrentContext()} names no cluster`)
  const url = new URL(cluster.server)
  if (url.protocol === 'http:' && !cluster.skipTLSVerify && !LOOPBACK.test(url.hostname)) {
    throw new Error(`${url.host} is plain http, which would send the credentials in the clear`)
  }
  return url
}

async function endpointOf(config: KubeConfig): Promise<Endpoint> {
  const url = serverOf(config)
  const cluster = config.getCurrentCluster()
  // The client refuses any http server that does not skip TLS verification, loopback included.
  if (url.protocol === 'http:' && cluster !== null && !cluster.skipTLSVerify) {
    config.clusters = config.clusters.map((each) =>
      each.name === cluster.name ? { ...each, skipTLSVerify: true } : each,
    )
  }
  const options: RequestOptions = { headers: {} }
  await config.applyToHTTPSOptions(options)
  return { url, options }
}

function exchange(endpoint: Endpoint, request: TransportRequest): Promise<TransportResponse> {
  const { url, options } = endpoint
  const base = url.pathname.replace(/\/$/, '')
  const all: RequestOptions = {
    ...options,
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : url.port,
    path: base + request.path,
    method: request.method,
    headers: {
      ...(options.headers as Record<string, string> | undefined),
      ...request.headers,
      'user-agent': 'tuesday',
      ...(request.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(request.body)) }),
    },
    signal: request.signal,
  }
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'http:' ? requestHttp : requestHttps)(all, (response) => {
      resolve({ status: response.statusCode ?? 0, body: response })
    })
    outgoing.on('error', reject)
    outgoing.end(request.body)
  })
}

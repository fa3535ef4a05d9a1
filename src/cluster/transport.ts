export interface TransportRequest {
  readonly method: 'GET' | 'PATCH'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

export interface TransportResponse {
  readonly status: number
  readonly body: AsyncIterable<Uint8Array>
}

/** One authenticated connection to one API server. */
export interface Transport {
  readonly server: string
  /** Rejects when no answer comes. */
  send(request: TransportRequest): Promise<TransportResponse>
  /** Reads the credentials again: token files rotate, and credential programs are asked anew. */
  renew(): Promise<void>
}

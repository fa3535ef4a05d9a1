/** What came back, as far as it was read. */
export interface Answer {
  readonly ok: true
  readonly status: number
  /** 2xx. */
  readonly good: boolean
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly text: string
  /** Undefined where the body is no JSON. */
  readonly json?: unknown
  /** Not readable as text, so nothing can be looked for in it. */
  readonly binary: boolean
}

export interface NoAnswer {
  readonly ok: false
  readonly why: string
}

export type Reply = Answer | NoAnswer

export const isGood = (reply: Reply): reply is Answer & { readonly good: true } => reply.ok && reply.good

export function headerOf(answer: Answer, name: string): string | undefined {
  return answer.headers.find(([key]) => key === name)?.[1]
}

/** Bytes as text and, where they are, as JSON. NUL bytes and broken UTF-8 are a file, not a text. */
export function readAnswer(status: number, headers: Headers, bytes: Uint8Array): Answer {
  const text = new TextDecoder('utf-8').decode(bytes)
  const binary = text.includes('\u0000') || text.includes('\ufffd')
  return {
    ok: true,
    status,
    good: status >= 200 && status < 300,
    headers: [...headers.entries()],
    // Latin-1 keeps every byte, so that a marker in an uncompressed file is still found.
    text: binary ? Buffer.from(bytes).toString('latin1') : text,
    ...parsed(text),
    binary,
  }
}

function parsed(text: string): { readonly json?: unknown } {
  const start = text.trimStart()[0]
  if (start === undefined || !'{["0123456789-tfn'.includes(start)) return {}
  try {
    const json: unknown = JSON.parse(text)
    return { json }
  } catch {
    return {}
  }
}

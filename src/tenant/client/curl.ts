import { addressOf, type Prepared } from './client.ts'

/** The request as one command of a POSIX shell. Credentials are variables that the caller sets. */
export function curlOf(
  base: URL,
  request: Prepared,
  who: 'a' | 'b' | 'nobody',
  credentials: readonly string[],
): string {
  const parts = ['curl', '-sS', '-i', ...(request.method === 'GET' ? [] : ['-X', request.method])]
  for (const [name, value] of Object.entries(request.headers)) parts.push('-H', quoted(`${name}: ${value}`))
  if (who !== 'nobody') {
    const variable = who === 'a' ? 'TENANT_A' : 'TENANT_B'
    // In double quotes, so that the shell puts the value in.
    for (const name of credentials) parts.push('-H', `"${name}: $${variable}"`)
  }
  if (request.body !== undefined) parts.push('--data-raw', quoted(request.body))
  return [...parts, quoted(addressOf(base, request.target))].join(' ')
}

function quoted(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

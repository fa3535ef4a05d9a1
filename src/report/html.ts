/** Text that is markup already. Everything else that is put into `html` is escaped. */
export interface Markup {
  readonly markup: string
  toString(): string
}

export type Part = string | Markup | readonly Markup[]

/** A whole page that opens without a network: its style stands in it, and nothing else is loaded. */
export function htmlPage(title: string, style: string, body: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
${body}
</body>
</html>
`.toString()
}

export function raw(markup: string): Markup {
  return { markup, toString: () => markup }
}

/** A template whose values are escaped unless they are markup themselves. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return raw(strings.reduce((text, string, index) => text + show(parts[index - 1] ?? '') + string))
}

function show(part: Part): string {
  if (typeof part === 'string') return escapeHtml(part)
  if ('markup' in part) return part.markup
  return part.map((one) => one.markup).join('')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => entities[c] ?? c)
}

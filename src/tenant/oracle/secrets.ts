import type { Answer } from '../client/answer.ts'

/** What only one tenant may see. */
export interface Secrets {
  /** Lower case; every marker of the tenant begins with it. */
  readonly prefix: string
  /** Ids and other values that the service made for the tenant; long enough to be no accident. */
  readonly values: readonly string[]
}

/** Shorter values may stand in an answer by accident. */
export const shortestSecret = 8

export interface Found {
  readonly secret: string
  readonly around: string
}

/** Case-folded, in body and headers, also where a text was cut or encoded for an address. What we sent ourselves does not count. */
export function findSecret(answer: Answer, sent: readonly string[], secrets: Secrets): Found | undefined {
  const headers = answer.headers.map(([name, value]) => `${name}: ${value}`).join('\n')
  const plain = `${answer.text}\n${headers}`
  const texts = [plain, ...decoded(plain)]
  const own = sent.map((one) => one.toLowerCase()).filter((one) => one.length >= 3)
  for (const text of texts) {
    const folded = withoutEchoes(text.toLowerCase(), own)
    const wanted = [
      secrets.prefix,
      ...secrets.values.map((one) => one.toLowerCase()).filter((one) => !own.includes(one)),
    ]
    for (const secret of wanted) {
      const index = folded.indexOf(secret)
      if (index < 0) continue
      const [whole = secret] = /^[\w.:@-]*/.exec(folded.slice(index)) ?? []
      return {
        secret: whole.slice(0, 60),
        around: folded.slice(Math.max(0, index - 40), index + 60).replaceAll(/\s+/g, ' '),
      }
    }
  }
  return undefined
}

/** A value that we sent, where it stands as a whole word: part of a longer one it is something else. */
function withoutEchoes(text: string, sent: readonly string[]): string {
  let shown = text
  for (const one of sent) {
    if (!shown.includes(one)) continue
    const form = new RegExp(`(?<![a-z0-9])${escapeForm(one)}(?![a-z0-9])`, 'g')
    shown = shown.replaceAll(form, '·')
  }
  return shown
}

/** A text as a part of a regular expression that stands for nothing but itself. */
export function escapeForm(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

function decoded(text: string): readonly string[] {
  if (!/%[0-9a-f]{2}/i.test(text)) return []
  return [
    text.replaceAll(/(%[0-9a-f]{2})+/gi, (part) => {
      try {
        return decodeURIComponent(part)
      } catch {
        return part
      }
    }),
  ]
}

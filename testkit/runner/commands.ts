/** A workflow command as the runner reads it from standard output. */
export interface Command {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly message: string
}

/** Names the runner has a handler for (actions/runner, ActionCommandManager.cs and its extensions). */
const known = [
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
]

/** Splits a log into commands and plain lines by the rules of ActionCommand.cs: `::name k=v::text`, `##[name k=v]text`. */
export function readCommands(log: string): {
  readonly commands: readonly Command[]
  readonly lines: readonly string[]
} {
  const commands: Command[] = []
  const lines: string[] = []
  for (const line of log.split(/\r\n|\r|\n/)) {
    const command = newForm(line) ?? oldForm(line)
    if (command === undefined) lines.push(line)
    else commands.push(command)
  }
  return { commands, lines }
}

function newForm(line: string): Command | undefined {
  const [, name = '', properties = '', message = ''] =
    /^\s*::([a-z-]+)(?: ([^:]*?))?::(.*)$/s.exec(line) ?? []
  if (!known.includes(name)) return undefined
  const pairs = properties.split(',').filter((pair) => pair.includes('='))
  const read = pairs.map((pair) => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at).trim(), unescapeProperty(pair.slice(at + 1))]
  })
  return { name, properties: Object.fromEntries(read), message: unescapeData(message) }
}

function oldForm(line: string): Command | undefined {
  const [, name = '', message = ''] = /##\[([a-z-]+)[^\]]*\](.*)$/s.exec(line) ?? []
  return known.includes(name) ? { name, properties: {}, message } : undefined
}

function unescapeData(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}

function unescapeProperty(text: string): string {
  return unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ','))
}

/**
 * A file of `name=value` and `name<<DELIMITER` entries, as strict as the runner (FileCommandManager.cs): what it
 * refuses throws here. A name that stands twice keeps the last value there; here it throws, too.
 */
export function readFileCommand(text: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>()
  const lines = text.split(/\r?\n/)
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (line === '') continue
    const [, name, mark, rest = ''] = /^(.+?)(<<|=)(.*)$/s.exec(line) ?? []
    if (name === undefined) throw new Error(`not a file command: ${JSON.stringify(line)}`)
    if (entries.has(name)) throw new Error(`${name} was written twice`)
    if (mark === '=') {
      entries.set(name, rest)
      continue
    }
    const end = lines.indexOf(rest, index + 1)
    if (end < 0) throw new Error(`the value of ${name} has no end`)
    entries.set(name, lines.slice(index + 1, end).join('\n'))
    index = end
  }
  return entries
}

/**
 * The runner takes `::name::` at the begin of a line and `##[name]` anywhere in it for a command
 * (actions/runner, ActionCommand.cs), and ends a line at CR, LF or both. Text of others, such as the output of a
 * build, is printed so that it shows what it says and does nothing.
 */
export function harmlessLines(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/).map((line) =>
    line
      .replace(/^(\s*):(?=:)/u, '$1: ')
      .replaceAll('##[', '## [')
      .replaceAll('\0', '\uFFFD'),
  )
}

import { expect, test } from 'vitest'
import { readCommands, readFileCommand } from './commands.ts'

test('reads commands of both forms and leaves other lines', () => {
  const log =
    'plain\n  ::error title=a%3Ab,line=3::one%0Atwo%25\n::nothing::x\nbefore ##[warning]old\n::set-output name=x::y'
  const { commands, lines } = readCommands(log)
  expect(commands).toEqual([
    { name: 'error', properties: { title: 'a:b', line: '3' }, message: 'one\ntwo%' },
    { name: 'warning', properties: {}, message: 'old' },
    { name: 'set-output', properties: { name: 'x' }, message: 'y' },
  ])
  expect(lines).toEqual(['plain', '::nothing::x'])
})

test('reads both forms of a file command', () => {
  const text = 'a=1=2\nb<<END\nline\n\nx=y\nEND\nc=\n'
  expect(Object.fromEntries(readFileCommand(text))).toEqual({ a: '1=2', b: 'line\n\nx=y', c: '' })
})

test.each(['no sign', 'a<<END\nnever ends', 'a=1\na=2'])('refuses %j', (text) => {
  expect(() => readFileCommand(text)).toThrow()
})

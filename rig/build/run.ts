import { spawn } from 'node:child_process'

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

/** Runs a program to its end and answers its standard output; what it said stands in the error if it fails. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.once('error', (error) => reject(new Error(`${command} cannot be started: ${error.message}`)))
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(stdout)
      const end = signal === null ? `exit code ${code}` : `${signal} (limit ${options.timeoutMs / 1000} s)`
      const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-25).join('\n')
      reject(new Error(`${command} ${args.join(' ')}: ${end}\n${said}`))
    })
  })
}

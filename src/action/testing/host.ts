import type { Host } from '../host.ts'
import type { Annotation } from '../outcome.ts'

/** A host that records what a run tells the runner, and lets a test cancel it. */
export interface RecordingHost extends Host {
  readonly told: {
    readonly outputs: Record<string, string>
    readonly state: Record<string, string>
    readonly masked: string[]
    readonly annotations: Annotation[]
    /** Everything in its order, each with its kind. */
    readonly log: string[]
    summary: string
  }
  cancel(): void
  breakDown(error: unknown): void
}

export const runnerEnv = {
  GITHUB_ACTOR: 'octocat',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_REPOSITORY: 'acme/delivery-service',
  GITHUB_RUN_ID: '7',
  GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
  GITHUB_WORKSPACE: '/checkout',
  RUNNER_TEMP: '/temp',
} as const

export function recordingHost(env: Readonly<Record<string, string>> = {}, summaryBytes = 0): RecordingHost {
  const told: RecordingHost['told'] = {
    outputs: {},
    state: {},
    masked: [],
    annotations: [],
    log: [],
    summary: '',
  }
  const cancels = new Set<() => void>()
  const defects = new Set<(error: unknown) => void>()
  const listen = <T>(listeners: Set<T>, listener: T) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  return {
    env: { ...runnerEnv, ...env },
    told,
    runner: {
      output: (name, value) => {
        told.outputs[name] = value
      },
      saveState: (name, value) => {
        told.state[name] = value
      },
      mask(value) {
        told.masked.push(value)
        told.log.push('mask')
      },
      annotate(annotation) {
        told.annotations.push(annotation)
        told.log.push(`${annotation.level}: ${annotation.message}`)
      },
      line: (text) => void told.log.push(`line: ${text}`),
      debug: (text) => void told.log.push(`debug: ${text}`),
      startGroup: (title) => void told.log.push(`group: ${title}`),
      endGroup: () => void told.log.push('endgroup'),
      summaryBytes: () => summaryBytes,
      async summary(markdown) {
        told.summary += markdown
      },
    },
    onCancel: (listener) => listen(cancels, listener),
    onDefect: (listener) => listen(defects, listener),
    exit: (code) => Promise.reject(new Error(`exit ${code}`)),
    cancel: () => cancels.forEach((listener) => void listener()),
    breakDown: (error) => defects.forEach((listener) => void listener(error)),
  }
}

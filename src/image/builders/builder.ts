import type { Logger } from '../../release/index.ts'
import type { Programs } from '../programs.ts'

export type BuilderName = 'buildx' | 'buildah' | 'podman'

export interface SecretMount {
  readonly id: string
  /** Name of the variable that holds it. */
  readonly env: string
}

export interface BuildJob {
  /** Folder with the files of the commit. */
  readonly context: string
  readonly dockerfile: string
  /** Time of everything in the image. */
  readonly created: Date
  readonly labels: Readonly<Record<string, string>>
  readonly buildArgs: readonly string[]
  /** Mounted for the steps that ask for them (`RUN --mount=type=secret,id=…`), from the environment; in no layer. */
  readonly secrets: readonly SecretMount[]
  /** Empty: that of the builder's machine. */
  readonly platforms: readonly string[]
  /** A name for the image in the builder's own store. */
  readonly name: string
  /** Where the OCI layout goes; does not exist yet. A builder may leave files of this name and an ending beside it. */
  readonly layoutDir: string
  readonly boundMs: number
}

export interface BuildEnd {
  readonly code: number
  /** What it printed, both streams in the order of coming. */
  readonly lines: readonly string[]
  /** It was ended, because it took longer than its bound. */
  readonly late?: true
}

/**
 * A program that makes an image of a Dockerfile. All of them end in an OCI layout, and one client pushes it: so
 * the tag is handled in one way, and the registry needs no builder of ours to know how to reach it.
 */
export interface Builder {
  readonly name: BuilderName
  /** Why it cannot be used here; undefined when it can. `version` is for the log. */
  probe(programs: Programs): Promise<{ readonly version: string } | { readonly why: string }>
  build(programs: Programs, job: BuildJob, logger: Logger): Promise<BuildEnd>
}

/** Runs one program of a build with a live log; keeps its lines for the answer. */
export async function runLogged(
  { exec, env, signal }: Programs,
  command: readonly [string, ...string[]],
  options: {
    readonly env?: Readonly<Record<string, string>>
    readonly timeoutMs: number
    readonly logger: Logger
  },
): Promise<BuildEnd> {
  const [program, ...args] = command
  const lines: string[] = []
  try {
    const { code } = await exec(program, args, {
      env: { ...env, ...options.env },
      signal,
      timeoutMs: options.timeoutMs,
      onLine: (line) => {
        lines.push(line)
        options.logger.info(line)
      },
    })
    return { code, lines }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') return { code: 1, lines, late: true }
    throw error
  }
}

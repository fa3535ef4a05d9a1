import { err, nearest, ok, type Result } from '../release/index.ts'
import { user } from './faults.ts'

/** Pairs that base images are published for (`GOOS/GOARCH` with the variants of the OCI image specification). */
const known = [
  'linux/386',
  'linux/amd64',
  'linux/amd64/v2',
  'linux/amd64/v3',
  'linux/arm/v5',
  'linux/arm/v6',
  'linux/arm/v7',
  'linux/arm64',
  'linux/arm64/v8',
  'linux/loong64',
  'linux/mips64le',
  'linux/ppc64le',
  'linux/riscv64',
  'linux/s390x',
  'windows/amd64',
  'windows/arm64',
]

/** One a line, or several in a line with commas, as `docker buildx` takes them. A name twice is one. */
export function parsePlatforms(lines: readonly string[]): Result<readonly string[]> {
  const names = lines.flatMap((line) => line.split(',')).map((name) => name.trim())
  const wrong = names.find((name) => !known.includes(name))
  if (wrong === undefined) return ok([...new Set(names)])
  const close = nearest(wrong, known)
  return err(
    user('platform-unknown', `${JSON.stringify(wrong)} is no platform that images are built for.`, {
      likely:
        close === undefined
          ? 'A platform is written os/architecture, in the words of Go (amd64, arm64).'
          : `Perhaps ${close} is meant.`,
      next: `Set \`platforms\` to some of: ${known.join(', ')}.`,
    }),
  )
}

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The folder of one environment as a pin commit makes it: chart, values.yaml of the environment, pins.yaml. */
export function environmentFolder(
  chart: string,
  environment: string,
  digests: Readonly<Record<string, string>>,
  configSha = '0'.repeat(40),
): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const entry of readdirSync(chart, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(relative(chart, path).replaceAll('\\', '/'), readFileSync(path, 'utf8'))
  }
  files.set('values.yaml', files.get(`values-${environment}.yaml`) ?? '')
  const workloads = Object.entries(digests).map(
    ([name, digest]) => `  ${name}:\n    image:\n      digest: "${digest}"\n`,
  )
  files.set('pins.yaml', `release:\n  configSha: "${configSha}"\nworkloads:\n${workloads.join('')}`)
  return files
}

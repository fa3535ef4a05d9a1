import fs from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import { answers, freePorts } from '../wait.ts'
import { type PartContext, until } from './context.ts'

/** Real Prometheus that scrapes the load generator every second. */
export async function startPrometheus(context: PartContext, loadUrl: string): Promise<string> {
  const { stateDir, bin, processes, say } = context
  const file = path.join(stateDir, 'prometheus.yml')
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '900ms', evaluation_interval: '1s' },
    scrape_configs: [
      {
        job_name: 'load',
        // The generator speaks for many pods: its labels `namespace` and `pod` are the truth.
        honor_labels: true,
        static_configs: [{ targets: [new URL(loadUrl).host] }],
      },
    ],
  }
  fs.writeFileSync(file, stringify(config))
  const port = await freePorts(['web'])
  processes.start('prometheus', bin('prometheus'), [
    ...[`--config.file=${file}`, `--storage.tsdb.path=${path.join(stateDir, 'prometheus')}`],
    ...[`--web.listen-address=127.0.0.1:${port.web}`, '--storage.tsdb.retention.time=6h', '--log.level=warn'],
    '--enable-feature=native-histograms',
  ])
  const url = `http://127.0.0.1:${port.web}`
  await until(context, 'prometheus', 30, () => answers(`${url}/-/ready`))
  say('Prometheus')
  return url
}

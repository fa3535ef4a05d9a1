import { nearest } from '../release/index.ts'
import { calendarMisfits } from './cross-checks-calendar.ts'
import { type Path, pathText } from './document.ts'
import type { Misfit, Sections } from './misfit.ts'
import type { FileForm } from './schema.ts'

export type { Misfit, Sections } from './misfit.ts'

export function misfits(sections: Sections): Misfit[] {
  return [
    ...workloadMisfits(sections),
    ...orderMisfits(sections),
    ...environmentMisfits(sections),
    ...trainMisfits(sections),
    ...calendarMisfits(sections),
    ...canaryMisfits(sections),
    ...gateMisfits(sections),
    ...repeatedNames(sections),
  ]
}

function workloadMisfits(sections: Sections): Misfit[] {
  const { workloads } = sections
  if (workloads === undefined) return []
  const rollouts = workloads.flatMap((workload, index) => (workload.kind === 'Rollout' ? [index] : []))
  const found: Misfit[] = []
  for (const index of rollouts.slice(1)) {
    found.push({ path: ['workloads', index, 'kind'], says: 'is a second Rollout; one file has one canary' })
  }
  const [first] = rollouts
  if (first !== undefined && first > 0) {
    found.push({
      path: ['workloads', first, 'kind'],
      says: 'is the Rollout and has to come first: the others follow its verdict',
    })
  }
  if (first !== undefined && Object.hasOwn(sections, 'canary') && sections.canary === undefined) {
    found.push({ path: ['workloads', first, 'kind'], says: 'is a Rollout, but the file has no `canary`' })
  }
  return found
}

function orderMisfits({ environments, train }: Sections): Misfit[] {
  if (environments === undefined || train === undefined) return []
  const production = Object.keys(environments).filter((name) => environments[name]?.production === true)
  const found: Misfit[] = []
  for (const [index, name] of train.order.entries()) {
    const path = ['train', 'order', index]
    if (train.order.indexOf(name) < index) found.push({ path, says: `names \`${name}\` a second time` })
    else if (!Object.hasOwn(environments, name)) {
      const near = nearest(name, production)
      const hint = near === undefined ? `known are ${list(production)}` : `did you mean \`${near}\`?`
      found.push({ path, says: `names \`${name}\`, which is no environment of this file; ${hint}` })
    } else if (!production.includes(name)) {
      found.push({
        path,
        says: `names \`${name}\`, which is no production environment; stages come before the train`,
      })
    }
  }
  const left = production.filter((name) => !train.order.includes(name))
  if (left.length > 0) {
    found.push({
      path: ['train', 'order'],
      says: `leaves out ${list(left)}, so no release would ever reach ${left.length === 1 ? 'it' : 'them'}`,
    })
  }
  if (Object.values(environments).every((environment) => environment.production)) {
    found.push({
      path: ['environments'],
      says: 'has no stage: at least one environment with `production: false` proves a digest first',
    })
  }
  return found
}

function environmentMisfits({ environments, migrations }: Sections): Misfit[] {
  const found: Misfit[] = []
  const places = new Map<string, Path>()
  const claim = (what: string, key: string, path: Path) => {
    const other = places.get(`${what} ${key}`)
    if (other === undefined) places.set(`${what} ${key}`, path)
    else
      found.push({
        path,
        says: `is the same ${what} as \`${pathText(other)}\`; two environments would overwrite each other`,
      })
  }
  for (const [name, environment] of Object.entries(environments ?? {})) {
    const here: Path = ['environments', name]
    const { gitops, cluster, argocd } = environment
    if (!gitops.pins.startsWith(`${gitops.path}/`)) {
      found.push({
        path: [...here, 'gitops', 'pins'],
        says: `has to be a file inside \`${gitops.path}\`, which is what Argo CD reads`,
      })
    } else if (gitops.pins === `${gitops.path}/values.yaml`) {
      found.push({
        path: [...here, 'gitops', 'pins'],
        says: 'is where the pin copies `values` to; the pins need a file of their own',
      })
    }
    if (!/\.ya?ml$/.test(gitops.pins))
      found.push({ path: [...here, 'gitops', 'pins'], says: 'has to end in .yaml' })
    claim('folder', gitops.path, [...here, 'gitops', 'path'])
    claim('namespace', JSON.stringify([cluster.context, environment.namespace]), [...here, 'namespace'])
    const application = [argocd.context ?? cluster.context, argocd.namespace, argocd.application]
    claim('Application', JSON.stringify(application), [...here, 'argocd', 'application'])
    if (migrations !== undefined && environment.database === undefined) {
      found.push({ path: here, says: 'has no `database`, but the file has `migrations`' })
    }
  }
  return [...found, ...nestedFolders(environments ?? {})]
}

/** A folder inside another one would be rendered by both Applications. */
function nestedFolders(environments: FileForm['environments']): Misfit[] {
  const entries = Object.entries(environments)
  return entries.flatMap(([name, { gitops }]) => {
    const outer = entries.find(([, other]) => gitops.path.startsWith(`${other.gitops.path}/`))
    if (outer === undefined) return []
    return [
      { path: ['environments', name, 'gitops', 'path'], says: `lies inside the folder of \`${outer[0]}\`` },
    ]
  })
}

/** A start day on which the first region has no window would keep every train at the platform. */
function trainMisfits({ environments, train }: Sections): Misfit[] {
  const first = train?.order[0]
  if (environments === undefined || train === undefined || first === undefined) return []
  const window = Object.hasOwn(environments, first) ? environments[first]?.window : undefined
  if (window === undefined || window.days.includes(train.start)) return []
  const days = window.days.join(', ')
  return [
    {
      path: ['train', 'start'],
      says: `is ${train.start}, but \`${first}\` moves only on ${days}; no train could start`,
    },
  ]
}

function canaryMisfits({ canary, slos }: Sections): Misfit[] {
  const found: Misfit[] = []
  if (canary === undefined) return found
  for (const [index, metric] of canary.metrics.entries()) {
    if (metric.slo === undefined || slos === undefined) continue
    const names = slos.map((slo) => slo.name)
    if (names.includes(metric.slo)) continue
    const near = nearest(metric.slo, names)
    const hint =
      near !== undefined
        ? `did you mean \`${near}\`?`
        : names.length > 0
          ? `known are ${list(names)}`
          : '`slos` is empty'
    found.push({
      path: ['canary', 'metrics', index, 'slo'],
      says: `names \`${metric.slo}\`, which is no SLO of this file; ${hint}`,
    })
  }
  return found
}

/** A gate that could never pass is told when it is written, not on a Tuesday. */
function gateMisfits({ gates, environments, slos, service, train }: Sections): Misfit[] {
  const found: Misfit[] = []
  if (gates?.budget !== undefined && slos?.length === 0) {
    found.push({
      path: ['gates', 'budget'],
      says: 'asks for the budget of an objective, but `slos` is empty',
    })
  }
  const allowed = gates?.residency?.jurisdictions
  for (const [name, environment] of Object.entries(environments ?? {})) {
    for (const [index, other] of (environment['stands-in-for'] ?? []).entries()) {
      if (environments?.[other]?.production === true && other !== name) continue
      const path = ['environments', name, 'stands-in-for', index]
      found.push({ path, says: `names \`${other}\`, which is no other region of this file` })
    }
    if (allowed === undefined || !environment.production || allowed.includes(environment.jurisdiction))
      continue
    const says = `leaves out \`${environment.jurisdiction}\`, the one of \`${name}\`, so no release could go there`
    found.push({ path: ['gates', 'residency', 'jurisdictions'], says })
  }
  if (service !== undefined && train?.['not-beside'].includes(service) === true) {
    found.push({
      path: ['train', 'not-beside'],
      says: `names \`${service}\` itself, so nothing could ever start`,
    })
  }
  return found
}

function repeatedNames({ workloads = [], slos = [], canary }: Sections): Misfit[] {
  const lists: [Path, readonly { readonly name: string }[]][] = [
    [['workloads'], workloads],
    [['slos'], slos],
    [['canary', 'metrics'], canary?.metrics ?? []],
  ]
  return lists.flatMap(([path, items]) =>
    items.flatMap(({ name }, index) => {
      const first = items.findIndex((item) => item.name === name)
      if (first === index) return []
      return [
        {
          path: [...path, index, 'name'],
          says: `is \`${name}\`, as \`${pathText([...path, first])}\` already is`,
        },
      ]
    }),
  )
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `\`${name}\``).join(', ')
}

import { nearest } from '../release/index.ts'
import type { Path } from './document.ts'
import type { Misfit, Sections } from './misfit.ts'

/** How the calendar fits the environments, and its parts each other, as far as no clock is needed to tell. */
export function calendarMisfits(sections: Sections): Misfit[] {
  return [
    ...unknownRegions(sections),
    ...clashingNames(sections),
    ...windowMisfits(sections),
    ...freezeMisfits(sections),
  ]
}

function unknownRegions({ calendar, environments }: Sections): Misfit[] {
  if (calendar === undefined || environments === undefined) return []
  const names = Object.keys(environments)
  return lists(calendar).flatMap(([list, items]) =>
    items.flatMap(({ regions = [] }, index) =>
      regions.flatMap((name, at): Misfit[] => {
        if (names.includes(name)) return []
        const near = nearest(name, names)
        const hint = near === undefined ? '' : `; did you mean \`${near}\`?`
        const path: Path = ['calendar', list, index, 'regions', at]
        return [{ path, says: `names \`${name}\`, which is no environment of this file${hint}` }]
      }),
    ),
  )
}

type Calendar = NonNullable<Sections['calendar']>
type Listed = { readonly name?: string; readonly regions?: readonly string[] | undefined }

function lists(calendar: Calendar): readonly (readonly [string, readonly Listed[]])[] {
  const { allow, deny, freezes, holidays } = calendar
  return [
    ['allow', allow],
    ['deny', deny],
    ['freezes', freezes],
    ['holidays', holidays],
  ]
}

/** Messages name a rule; two of one name could not be told apart. */
function clashingNames({ calendar }: Sections): Misfit[] {
  if (calendar === undefined) return []
  const seen = new Set<string>()
  return lists(calendar).flatMap(([list, items]) =>
    items.flatMap(({ name }, index): Misfit[] => {
      if (name === undefined) return []
      if (seen.has(name))
        return [
          { path: ['calendar', list, index, 'name'], says: `is \`${name}\` a second time in the calendar` },
        ]
      seen.add(name)
      return []
    }),
  )
}

/** What a region says of itself. */
function windowMisfits({ environments }: Sections): Misfit[] {
  return Object.entries(environments ?? {}).flatMap(([name, environment]): Misfit[] => {
    const { window, 'no-deploy-days': closed = [], 'any-time': anyTime } = environment
    const here: Path = ['environments', name]
    if (anyTime && window !== undefined) {
      return [{ path: [...here, 'any-time'], says: 'contradicts `window`; leave one of them out' }]
    }
    const both = window?.days.filter((day) => closed.includes(day)) ?? []
    if (both.length > 0) {
      return [
        {
          path: [...here, 'no-deploy-days'],
          says: `contradicts \`window\`, which names ${both.join(', ')} too`,
        },
      ]
    }
    return closed.length === 7
      ? [{ path: [...here, 'no-deploy-days'], says: 'names every day of the week' }]
      : []
  })
}

/** Two freezes over one moment of one region have to agree on who passes, or a hotfix meets two answers. */
function freezeMisfits({ calendar }: Sections): Misfit[] {
  const freezes = calendar?.freezes ?? []
  return freezes.flatMap((freeze, index): Misfit[] => {
    const other = freezes.slice(0, index).find((each) => {
      const overlap = each.from < freeze.until && freeze.from < each.until
      const shared =
        each.regions === undefined ||
        freeze.regions === undefined ||
        each.regions.some((name) => freeze.regions?.includes(name))
      return overlap && shared && [...each.passes].sort().join() !== [...freeze.passes].sort().join()
    })
    if (other === undefined) return []
    const says = `contradicts the freeze \`${other.name}\`, which overlaps it and lets other hotfixes pass`
    return [{ path: ['calendar', 'freezes', index, 'passes'], says }]
  })
}

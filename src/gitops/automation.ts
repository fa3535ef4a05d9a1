import type { Fault } from '../release/index.ts'

/** Something that writes images by itself: it would undo a rollback within minutes (argocd-image-updater#1249, flux2#4676). */
export interface Automation {
  readonly file: string
  readonly line: number
  readonly what: string
}

const signs: readonly (readonly [form: RegExp, what: string])[] = [
  [/#\s*\{\s*"\$imagepolicy"\s*:/, "a marker of Flux's image automation"],
  [
    /^\s*kind:\s*["']?(ImageUpdateAutomation|ImagePolicy)["']?\s*(#.*)?$/,
    'an object of Flux that writes images',
  ],
  [
    /^\s*["']?argocd-image-updater\.argoproj\.io\/[\w.-]+["']?\s*:/,
    'an annotation of the Argo CD image updater',
  ],
  [/^\s*kind:\s*["']?ImageUpdater["']?\s*(#.*)?$/, 'an object of the Argo CD image updater'],
  [/^\s*["']?keel\.sh\/policy["']?\s*:/, 'an annotation of Keel'],
]

/** Every sign of image automation in files that a train writes or a region is rendered from. */
export function imageAutomation(files: ReadonlyMap<string, string>): readonly Automation[] {
  return [...files].flatMap(([file, text]) =>
    text
      .split(/\r?\n/)
      .flatMap((content, index) =>
        signs.filter(([form]) => form.test(content)).map(([, what]) => ({ file, line: index + 1, what })),
      ),
  )
}

export function undone([first, ...more]: readonly [Automation, ...Automation[]]): Fault {
  const others = more.length === 0 ? '' : `, and ${more.length} more`
  return {
    blame: 'user',
    reason: 'image-automation',
    cause: `${first.file}:${first.line} has ${first.what}${others}: it would overwrite what the train pins.`,
    likely: 'Image automation was there before the train.',
    next: 'Take it out of what this environment is made of; one writer alone may pin images.',
    at: { file: first.file, line: first.line },
  }
}

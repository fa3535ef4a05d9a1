import type { Path } from './document.ts'
import type { FileForm } from './schema.ts'

/** A fault in how parts of the file fit together, at the part that a person would change. */
export interface Misfit {
  readonly path: Path
  readonly says: string
}

/** Sections that are fine in themselves; a faulty one is absent, so that the others are still looked at. */
export type Sections = Partial<FileForm>

import type { Result } from '../../../release/index.ts'
import type { Ask } from '../ask.ts'
import type { Message } from '../message.ts'

/** What a message stands in: the train as it is now, for receivers that keep one page of it. */
export interface Board {
  /** Lines of plain text, one a region. */
  readonly regions: readonly string[]
  /** `repository` of the image, for the name of an artifact. */
  readonly repository: string
}

/** One place where people, or other programs, are told. Telling it the same message twice shows it once where it can. */
export type Receiver = (message: Message, board: Board, io: Ask) => Promise<Result<void>>

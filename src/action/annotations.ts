import type { Annotation, AnnotationLevel } from './outcome.ts'

/** Per level and step; the runner drops the rest without a word (ExecutionContext.cs, _maxCountPerIssueType). */
export const annotationsPerLevel = 10
/** The runner cuts longer messages. */
const longestMessage = 4_000

const levels: readonly AnnotationLevel[] = ['error', 'warning', 'notice']

/** The ten that count of each level, in the given order; where there are more, the tenth counts the others. */
export function chooseAnnotations(all: readonly Annotation[]): readonly Annotation[] {
  return levels.flatMap((level) => {
    const ofLevel = distinct(all.filter((annotation) => annotation.level === level)).map(shorten)
    if (ofLevel.length <= annotationsPerLevel) return ofLevel
    const shown = ofLevel.slice(0, annotationsPerLevel - 1)
    const rest = ofLevel.length - shown.length
    const message = `${rest} more of this kind are not shown here: they stand in the log and in the job summary.`
    return [...shown, { level, message }]
  })
}

function distinct(annotations: readonly Annotation[]): readonly Annotation[] {
  const byText = new Map(annotations.map((annotation) => [JSON.stringify(annotation), annotation]))
  return [...byText.values()]
}

function shorten(annotation: Annotation): Annotation {
  const { message } = annotation
  if (message.length <= longestMessage) return annotation
  return {
    ...annotation,
    message: `${message.slice(0, longestMessage - 30)}... (${message.length} characters)`,
  }
}

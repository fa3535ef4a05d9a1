export { html, htmlPage, type Markup } from './html.ts'
export { type DemoReport, demoReportHtml, type EvidencePoint, type RegionEvidence } from './page.ts'
export { labelOf, type RegionRow, regionRows, timelineMarkdown } from './timeline.ts'
export { type PredictedStop, type TrainPage, trainPageHtml } from './train-page.ts'

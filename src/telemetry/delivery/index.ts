/** How fast and how well a service delivers: the five figures of dora.dev, from the ledger. */
export { type CommitTimes, type DeliveryFigures, deliveryFigures, type Period } from './figures.ts'
export { deliveryMarkdown } from './markdown.ts'
export { type TrainRecord, trainsOf } from './trains.ts'

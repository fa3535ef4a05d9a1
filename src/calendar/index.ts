export { type CheckedClock, type ClockQuestion, checkedClock, serverDate } from './checked-clock.ts'
export { clockNotAllowed, isLocal } from './local.ts'
export { calendarFaults, type PlanQuestion, planTrain, type Slip, type Stop, type TrainPlan } from './plan.ts'
export { type Closing, type RegionCalendar, regionCalendar } from './region.ts'
export { type Start, spacedUntil, trainDay } from './train-day.ts'
export {
  localText,
  neededMs,
  type Opening,
  openings,
  type Question,
  type WindowVerdict,
  windowVerdict,
} from './verdict.ts'
export { addDays, instantOf, type LocalTime, localTime } from './zone.ts'

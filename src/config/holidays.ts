import type { Config, HolidaysConfig } from './config.ts'

/** The vendored calendars of days off put in beside their names; one that is not there stays without a text. */
export async function withHolidays(
  config: Config,
  read: (file: string) => Promise<string | undefined>,
): Promise<Config> {
  const { calendar } = config
  if (calendar === undefined || calendar.holidays.length === 0) return config
  const holidays: HolidaysConfig[] = []
  for (const each of calendar.holidays) {
    const text = await read(each.file)
    holidays.push({ ...each, ...(text === undefined ? {} : { text }) })
  }
  return { ...config, calendar: { ...calendar, holidays } }
}

/** Every file that the policy is made of, for those who ask whether a change touches it. */
export function policyFiles(config: Config, file: string): readonly string[] {
  return [file, ...(config.calendar?.holidays.map((each) => each.file) ?? [])]
}

/** Reason codes of the calendar: code -> what it means, in one sentence. Outputs and docs use these and no others. */
export const calendarReasons = {
  'window-open': 'A forward move may start here now.',
  'window-frozen': 'A freeze stands over this moment and this region.',
  'window-denied': 'A rule of the calendar closes this moment for the region.',
  'window-holiday': 'The region has a day off.',
  'no-deploy-day': 'The region never moves forward on this day of the week.',
  'window-too-late': 'The window is open, but what would start now could not be expected to finish in it.',
  'window-bypassed': 'The window is closed, and a hotfix of this severity passes.',
  'window-never': 'The region has no opening within a year that is long enough.',
  'plan-never-fits': 'A train could not carry a release through all regions within half a year.',
  'calendar-contradictory': 'Rules of the calendar leave nothing of each other.',
  'holidays-missing': 'A calendar of days off that tuesday.yaml names was not found or not read.',
  'holidays-unreadable': 'A calendar of days off is not an .ics file that can be used.',
  'holidays-expired': 'A calendar of days off says nothing of this day any more.',
  'incident-missing': 'A hotfix needs the incident that it mends, and a reason.',
  'policy-unreadable': 'The policy could not be read from the protected branch.',
  'policy-edited': 'The change that is released edits the policy that it is released by.',
} as const satisfies Record<string, string>

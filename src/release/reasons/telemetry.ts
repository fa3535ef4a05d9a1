/** Reason codes of telling people: code -> what it means, in one sentence. A train is never stopped by one of them. */
export const telemetryReasons = {
  'receiver-refused': 'A receiver of messages answered that it does not take this one; the train went on.',
  'receiver-unreachable': 'A receiver of messages did not answer in time; the next run tells it again.',
  'receiver-redirects': 'A receiver of messages points to another address, where no secret is sent.',
  'receiver-secret-missing': 'A variable that holds the secret of a receiver is not set, so it is not told.',
} as const

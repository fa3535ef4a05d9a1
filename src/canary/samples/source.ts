/** Where the counts of a metric come from: selectors of tuesday.yaml with their variables filled in. */
export type MetricSource = CounterSource | HistogramSource | GaugeSource | RestartSource

interface Named {
  readonly name: string
  /** A new pod is not counted before this long after it became ready. */
  readonly warmupMs?: number
}

/** Two counters: all events, and the bad ones, or the good ones. */
export interface CounterSource extends Named {
  readonly total: string
  readonly bad?: string
  readonly good?: string
}

/** A classic histogram by its name without `_bucket`, or a native one; in seconds. */
export interface HistogramSource extends Named {
  readonly histogram: string
  /** The one boundary to count at; otherwise every one that history finds worth it. */
  readonly cutSeconds?: number
}

/** A value that is bad above a bound, such as the lag of a consumer: each scrape of a pod is one event. */
export interface GaugeSource extends Named {
  readonly gauge: string
  readonly above: number
}

/** A counter of restarts: each scrape of a pod is one event, bad when the counter has grown. */
export interface RestartSource extends Named {
  readonly restarts: string
}

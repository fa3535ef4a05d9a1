/** Reason codes of canary: code -> what it means, in one sentence. Outputs and docs use these and no others. */
export const canaryReasons = {
  'canary-good':
    'The canary stayed within the margin of the stable pods, on enough requests to see a defect.',
  'canary-promoted': 'The digest serves all traffic, and the canary was judged good on the way.',
  'canary-already-promoted': 'The digest served all traffic before the gate looked; nothing was in flight.',
  'canary-initial-deploy':
    'The workload had no stable version, so no steps were run and nothing could be compared.',
  'canary-worse':
    'The canary is worse than the stable pods beyond the margin; the false alarm is bounded by alpha.',
  'canary-failing': 'Half or more of the requests to the canary fail, and not those to the stable pods.',
  'canary-budget': 'The canary has spent more than its share of the error budget of the SLO period.',
  'canary-budget-spent':
    'The service has spent the error budget of its SLO period, so releases are frozen but for P0 and security fixes.',
  'canary-over-limit': 'The canary was over a fixed limit for its whole time, and the stable pods were not.',
  'canary-not-ready': 'No pod of the canary is ready, or its pods crash again and again.',
  'canary-one-pod': 'One of several canary pods has nearly all errors: a pod may be bad, not the version.',
  'canary-suspicious':
    'The evidence is over its limit and not co-signed yet: a defect or one clump, so nothing is promoted on it.',
  'canary-blind': 'The metrics of canary or stable pods are missing or old, so nothing can be said.',
  'canary-too-few-requests': 'The canary has answered too few requests to show a defect.',
  'canary-too-few-samples': 'Too many blocks were not scraped to trust the counts.',
  'canary-holding': 'The minimum time at the present weight is not over.',
  'canary-timeout':
    'The gate was told to stop here; the rollout stays at its weight and a later run goes on.',
  'canary-superseded': 'Another image took the place of the digest while it was in flight.',
  'canary-aborted': 'The rollout of the digest stands aborted, by a person or by an earlier run.',
  'canary-degraded': 'The controller reports the rollout as degraded.',
  'canary-invalid-spec': 'The controller refuses the spec of the Rollout.',
  'canary-not-started': 'The cluster has not taken up the digest within the bound.',
  'canary-paused-by-person': 'Someone has set spec.paused; the gate does not take that away.',
  'canary-steps-outrun': 'A step goes on by itself: the gate could be outrun, so it does not start.',
  'canary-hold-missing': 'A weight of the steps has no minimum time in tuesday.yaml.',
  'canary-service-burning': 'The whole service burns its error budget now, so no step is taken.',
  'canary-other-instance':
    'Another instance of the Argo Rollouts controller owns the Rollout, and none has taken it up.',
  'canary-weight-off':
    'The routes give the canary less than its step asks for, so the weight was not tested.',
  'canary-no-probes':
    'Before a blue-green cut-over only probes of the preview Service say something, and none were asked for.',
  'canary-restarts': 'Containers of the new pods restart again and again.',
  'canary-companion': 'Another workload of the release is not well on the digest, so no step is taken.',
  'canary-calibrated':
    'Thresholds of the co-signs were found by placebo rollouts of the stable pods, with their measured false alarm.',
  'canary-history-short': 'The stable pods are known for too short a time to calibrate on them.',
  'canary-thresholds-invalid':
    'The file of thresholds is none, or was made for another workload or block length.',
  'canary-replayed': 'The rollouts of the file were judged as the gate would have judged them.',
  'canary-replay-invalid': 'A line of the replay file is not a rollout.',
  'prometheus-unreachable': 'Prometheus did not answer within its bound.',
  'prometheus-refused': 'Prometheus refused the query; its own words say why.',
  'prometheus-answer-unreadable':
    'Prometheus answered something that is not raw samples, or a value that is no number.',
  'prometheus-no-series': 'The query matches no series of the pods in question.',
  'prometheus-stale': 'The newest sample is too old.',
  'prometheus-clock': 'The clocks of Prometheus and of this machine differ by more than a minute.',
  'prometheus-histogram-incomplete': 'A histogram lacks a bucket that is needed to count slow requests.',
  'prometheus-series-ambiguous': 'A query gives series that cannot be told apart by pod.',
} as const satisfies Record<string, string>

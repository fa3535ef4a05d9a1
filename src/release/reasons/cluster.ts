/** Reason codes of cluster: code -> what it means, in one sentence. Outputs and docs use these and no others. */
export const clusterReasons = {
  'cluster-unreachable': 'The Kubernetes API server did not answer within its bound.',
  'cluster-kubeconfig':
    'The kubeconfig cannot be used: unreadable, no such context, or its credential program failed.',
  'cluster-object-missing': 'An object that tuesday.yaml names does not exist in the cluster.',
  'cluster-refused': 'The API server refused the request; its own words say why.',
  'cluster-conflict': 'The object was changed by someone else between reading and writing it.',
  'cluster-answer-unreadable':
    'The API server answered something that is not the Kubernetes object asked for.',
  'rollout-spec-unreadable':
    'The workload has no image by digest in the named container, so its release cannot be known.',
  'rollout-unsupported': 'The Rollout has a strategy or router that this version cannot compute routes for.',
  'rollout-not-observed': 'The controller has not taken up the wanted spec within its bound.',
  'rollout-superseded': 'Another image took the place of the expected one.',
  'promote-not-effective': 'The promotion was sent and sent again, and the Rollout did not move on.',
  'promote-not-paused': 'The Rollout does not wait for a promotion.',
  'abort-not-effective':
    'The abort was sent and sent again, and canary traffic did not return to the stable pods.',
  'abort-nothing-in-flight':
    'The Rollout is fully promoted: an abort would mark it degraded and move no traffic.',
  'restore-not-effective':
    'The template before was applied, and the new image still has traffic within its bound.',
  'restore-taken-back': 'The template before was applied, and something wrote the new image over it again.',
  'restore-nothing-before': 'The workload has no template of another image to go back to.',
  'promote-full-not-effective':
    'The full promotion was sent and sent again, and the old image does not serve all traffic.',
  'serving-not-proved': 'The routes do not show the expected digest at 100 % of the traffic.',
  'application-not-synced': 'Argo CD has not carried the wanted commit to the cluster within its bound.',
  'application-sync-failed': 'Argo CD reports a failed sync operation for the wanted commit.',
} as const satisfies Record<string, string>

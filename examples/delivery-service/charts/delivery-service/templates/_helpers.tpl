{{/* Labels by which Services and policies find a workload. They never change: selectors are immutable. */}}
{{- define "delivery.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/part-of: delivery-service
{{- end }}

{{- define "delivery.labels" -}}
{{ include "delivery.selector" . }}
app.kubernetes.io/managed-by: tuesday
{{- end }}

{{/* The image of a workload, by digest only. The schema of the values refuses anything else. */}}
{{- define "delivery.image" -}}
{{ .root.Values.image.repository }}@{{ (index .root.Values.workloads .name).image.digest }}
{{- end }}

{{- define "delivery.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "delivery.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Settings that all three workloads read; see src/platform/settings.ts. */}}
{{- define "delivery.commonEnv" -}}
- name: DATABASE_URL
  valueFrom: { secretKeyRef: { name: {{ .root.Values.database.secret }}, key: url } }
- name: LOG_LEVEL
  value: {{ .root.Values.settings.logLevel | quote }}
- name: IMAGE_DIGEST
  value: {{ (index .root.Values.workloads .name).image.digest | quote }}
{{- end }}

{{/*
PgBouncer as a native sidecar: it starts before the container that needs it and ends after it, so that a
draining pod can finish its last transactions.
*/}}
{{- define "delivery.pgbouncer" -}}
- name: pgbouncer
  image: {{ .Values.pgbouncer.image }}
  restartPolicy: Always
  command: [pgbouncer, /etc/pgbouncer/pgbouncer.ini]
  ports:
    - { name: pgbouncer, containerPort: 6432 }
  startupProbe:
    tcpSocket: { port: pgbouncer }
    periodSeconds: 1
    failureThreshold: 30
  livenessProbe:
    tcpSocket: { port: pgbouncer }
    periodSeconds: 10
  resources:
    requests: { cpu: 50m, memory: 32Mi }
    limits: { memory: 64Mi }
  securityContext: {{- include "delivery.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - { name: pgbouncer, mountPath: /etc/pgbouncer, readOnly: true }
    - { name: database, mountPath: /etc/pgbouncer-auth, readOnly: true }
{{- end }}

{{- define "delivery.volumes" -}}
- name: pgbouncer
  configMap: { name: delivery-pgbouncer }
- name: database
  secret:
    secretName: {{ .Values.database.secret }}
    items: [{ key: userlist.txt, path: userlist.txt }]
{{- end }}

{{/* Pods of one workload stay on different nodes and zones where that is possible. */}}
{{- define "delivery.spread" -}}
{{- range $index, $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
{{- if $index }}
{{ end -}}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      app.kubernetes.io/name: {{ $.name }}
{{- end }}
{{- end }}

{{/* A config map is no part of a pod template: its checksum makes pods follow it, and a return to it as well. */}}
{{- define "delivery.podAnnotations" -}}
prometheus.io/scrape: "true"
prometheus.io/port: "9090"
delivery/pgbouncer-config: {{ include (print .root.Template.BasePath "/pgbouncer.yaml") .root | sha256sum | trunc 16 | quote }}
{{- end }}

{{- define "unsay.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{- define "unsay.selector" -}}
app.kubernetes.io/name: unsay
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "unsay.labels" -}}
{{ include "unsay.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{- /* No pod of ours speaks to the cluster, and none may become more than it is. */ -}}
{{- define "unsay.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user }}
  runAsGroup: {{ .user }}
  fsGroup: {{ .user }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "unsay.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "unsay.url" -}}
{{- if .Values.postgres.enabled -}}
postgresql://unsay@{{ include "unsay.name" . }}-postgres/unsay
{{- else -}}
{{ required "postgres.url: expected postgresql://user@host/database, as postgres.enabled is false" .Values.postgres.url }}
{{- end -}}
{{- end }}

{{- define "unsay.engine" -}}
{{- if .Values.engine.enabled -}}
http://{{ include "unsay.name" . }}-engine:8000/v1
{{- else -}}
{{ required "engine.url: expected the base URL of an engine, as engine.enabled is false" .Values.engine.url }}
{{- end -}}
{{- end }}

{{- define "unsay.key" -}}
- name: UNSAY_INDEX_KEY
  valueFrom: {secretKeyRef: {name: {{ required "secrets.gateway: expected the name of a Secret" .Values.secrets.gateway }}, key: index-key}}
{{- end }}

{{- define "unsay.password" -}}
- name: PGPASSWORD
  valueFrom: {secretKeyRef: {name: {{ required "secrets.gateway: expected the name of a Secret" .Values.secrets.gateway }}, key: postgres-password}}
{{- end }}

{{- define "unsay.claim" -}}
spec:
  accessModes: [ReadWriteOnce]
  {{- with .storageClass }}
  storageClassName: {{ . }}
  {{- end }}
  resources: {requests: {storage: {{ .size }}}}
{{- end }}

{{- define "unsay.settings" -}}
{{- if not .Values.keys }}{{ fail "keys: expected at least one key of a client" }}{{ end -}}
{{- $snapshot := "/var/cache/unsay/snapshot" -}}
{{- $own := dict
  "listen" (dict "host" "0.0.0.0" "port" 8080 "workers" (int .Values.gateway.workers))
  "upstream" (dict "base_url" (include "unsay.engine" .))
  "keys" .Values.keys
  "policy" "/etc/unsay/policy.yaml"
  "snapshot" $snapshot
  "audit" (dict "path" "/var/lib/unsay/audit.jsonl" "key" "/var/lib/unsay/audit.key")
  "memory" (dict "url" (include "unsay.url" .))
  "steering" (dict "mode" .Values.steering.mode) -}}
{{- if .Values.engine.enabled }}{{ $_ := set $own "models" (dict .Values.engine.model.name "model") }}{{ end -}}
{{- if .Values.admin.enabled -}}
{{- $_ := set $own "ledger" (dict "url" (include "unsay.url" .) "trusted" .Values.ledger.trusted "on_unreachable" "closed" "most_stale_s" 300) -}}
{{- $_ := set $own "admin" (dict "host" "0.0.0.0" "port" 8081 "keys" .Values.admin.keys) -}}
{{- end -}}
{{- mergeOverwrite $own .Values.settings | toYaml -}}
{{- end }}

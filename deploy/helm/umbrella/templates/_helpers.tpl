{{/* Beginning of the names of what is the umbrella's own. Cut, because a StatefulSet's may have 52 characters. */}}
{{- define "prompted.release" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* Daemons that use the database: each has a role in it. */}}
{{- define "prompted.roles" -}}
mqwriter mqreader collector apigw
{{- end }}

{{/* Password of a daemon's role in the bundled database: (list "mqwriter" the-owner's). Derived, so that it is the same in every
     rendering; the owner's cannot be told from it. */}}
{{- define "prompted.rolePassword" -}}
{{- printf "%s/%s" (index . 0) (index . 1) | sha256sum | trunc 32 }}
{{- end }}

{{/* Where the database is, as YAML: bundled, secret, key, port; keys: of each daemon's own DSN; roles: the Job sees to them; url: what the earlier values' env.DATABASE_URL says, when no
     Secret is named. Refuses what contradicts itself. */}}
{{- define "prompted.database" -}}
{{- $with := list }}{{ $without := list }}{{ $url := "" }}
{{- range $name := list "mqwriter" "mqreader" "collector" "apigw" }}
{{- with index $.Subcharts $name }}
{{- with (.Values.env).DATABASE_URL }}
{{- $with = append $with $name }}
{{- $url = $url | default . }}
{{- else }}
{{- $without = append $without $name }}
{{- end }}
{{- end }}
{{- end }}
{{- $secret := .Values.externalDatabase.existingSecret }}
{{- $enabled := .Values.postgres.enabled | toString }}
{{- $given := or $secret (and $with (not $without)) }}
{{- $bundled := or (eq $enabled "true") (and (eq $enabled "auto") (not $given)) }}
{{- if and $bundled $secret }}
{{- fail "postgres.enabled is true and externalDatabase.existingSecret is set: set postgres.enabled=false to use the external database" }}
{{- end }}
{{- if and $bundled $with }}
{{- fail (printf "env.DATABASE_URL is set for %s, but the other services would use the bundled PostgreSQL: set it for all services or for none" (join ", " $with)) }}
{{- end }}
{{- if and (not $bundled) (not $secret) $without }}
{{- fail (printf "no database for %s: set externalDatabase.existingSecret (a Secret with a DSN under externalDatabase.secretKey), or postgres.enabled=true" (join ", " $without)) }}
{{- end }}
bundled: {{ $bundled }}
{{- if $bundled }}
secret: {{ include "prompted.release" . }}-database
key: uri
port: 5432
roles: {{ .Values.migrations.enabled }}
{{- if .Values.migrations.enabled }}
keys:
  {{- range $name := include "prompted.roles" . | splitList " " }}
  {{ $name }}: uri-{{ $name }}
  {{- end }}
{{- end }}
{{- else }}
secret: {{ $secret | default (printf "%s-migrate" (include "prompted.release" .)) }}
key: {{ ternary .Values.externalDatabase.secretKey "uri" (not (empty $secret)) }}
port: {{ .Values.externalDatabase.port }}
roles: {{ and (not (empty $secret)) (not (empty .Values.externalDatabase.secretKeys)) }}
keys: {{ .Values.externalDatabase.secretKeys | default dict | toJson }}
url: {{ ternary "" $url (not (empty $secret)) | quote }}
{{- end }}
{{- end }}

{{/* Version of the newest migration in this chart. */}}
{{- define "prompted.schemaVersion" -}}
{{- $newest := 0 }}
{{- range $path, $_ := .Files.Glob "files/migrations/*.up.sql" }}
{{- $newest = max $newest (base $path | regexFind "[1-9][0-9]*" | int) }}
{{- end }}
{{- $newest }}
{{- end }}

{{/* What the services are connected to (common's _service.tpl). Subcharts cannot see this chart's values, nor each other's. */}}
{{- define "prompted.wiring" -}}
{{- $database := include "prompted.database" . | fromYaml }}
instance: {{ .Release.Name }}
database:
  secret: {{ $database.secret }}
  key: {{ $database.key }}
  keys: {{ $database.keys | default dict | toJson }}
  port: {{ $database.port }}
  {{- if $database.bundled }}
  to:
    - podSelector:
        matchLabels: {{- include "prompted.componentSelector" (list . "postgres") | nindent 10 }}
  {{- if .Values.migrations.enabled }}
  wait:
    image: {{ toJson .Values.postgres.image }}
    version: {{ include "prompted.schemaVersion" . }}
  {{- end }}
  {{- end }}
mqwriter:
  {{- with .Subcharts.mqwriter }}
  url: http://{{ include "prompted.fullname" . }}:{{ .Values.service.port }}
  port: {{ include "prompted.port" . }}
  {{- else }}
  url: http://mqwriter:8084
  port: 8084
  {{- end }}
mqreader:   # the pods' own port: a headless Service translates none
  {{- with .Subcharts.mqreader }}
  url: http://{{ include "prompted.fullname" . }}-headless:{{ include "prompted.port" . }}
  port: {{ include "prompted.port" . }}
  {{- else }}
  url: http://mqreader-headless:8085
  port: 8085
  {{- end }}
{{- end }}

{{/* Labels of what is the umbrella's own: (list . "postgres"). */}}
{{- define "prompted.componentSelector" -}}
app.kubernetes.io/name: prompted-{{ index . 1 }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
{{- end }}
{{- define "prompted.componentLabels" -}}
{{- $chart := index . 0 }}
{{- include "prompted.componentSelector" . }}
app.kubernetes.io/part-of: prompted
app.kubernetes.io/managed-by: {{ $chart.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $chart.Chart.Name $chart.Chart.Version }}
{{- end }}

{{/* Pod and container security of the helpers; the daemons' is in common. */}}
{{- define "prompted.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ int64 . }}
runAsGroup: {{ int64 . }}
fsGroup: {{ int64 . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}
{{- define "prompted.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "prompted.refuseUmbrella" -}}
{{- if and .Subcharts.mqwriter .Subcharts.mqreader }}
{{- $writer := include "prompted.text" ((.Subcharts.mqwriter.Values.env).MQ_PARTITION_COUNT | default 256) }}
{{- $reader := include "prompted.text" ((.Subcharts.mqreader.Values.env).MQ_PARTITION_COUNT | default 256) }}
{{- if ne $writer $reader }}
{{- fail (printf "MQ_PARTITION_COUNT is %s for mqwriter and %s for mqreader: it must be the same, or no reader owns some of the partitions" $writer $reader) }}
{{- end }}
{{- end }}
{{- end }}

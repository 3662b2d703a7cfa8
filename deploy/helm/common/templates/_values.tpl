{{/* A chart's values over the defaults. global.networkPolicy and global.serviceMonitor are for all charts of an umbrella. */}}
{{- define "prompted.values" -}}
{{- $global := .Values.global | default dict }}
{{- $shared := dict "networkPolicy" ($global.networkPolicy | default dict) "serviceMonitor" ($global.serviceMonitor | default dict) }}
{{- mergeOverwrite (include "prompted.defaults" . | fromYaml) (deepCopy $shared) (deepCopy .Values) | toJson }}
{{- end }}

{{/* A value as an environment variable's text. YAML's numbers are floats here: 20000000 would become 2e+07. */}}
{{- define "prompted.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ toString . }}{{ end }}
{{- end }}

{{/* The port the daemon listens on. */}}
{{- define "prompted.port" -}}
{{- $fact := index (include "prompted.facts" . | fromYaml) .Chart.Name }}
{{- include "prompted.text" ((.Values.env).PORT | default $fact.port) }}
{{- end }}

{{/* Seconds of a duration such as 1m30s, rounded up. */}}
{{- define "prompted.seconds" -}}
{{- $units := dict "h" 3600.0 "m" 60.0 "s" 1.0 "ms" 0.001 "us" 0.000001 "ns" 0.000000001 }}
{{- $sum := 0.0 }}
{{- range regexFindAll "[0-9.]+(h|ms|us|ns|m|s)" . -1 }}
{{- $sum = addf $sum (mulf (regexFind "^[0-9.]+" . | float64) (get $units (regexFind "[a-z]+$" .))) }}
{{- end }}
{{- ceil $sum | int }}
{{- end }}

{{/* image: {repository, tag, pullPolicy}; global.image.{registry,tag,pullPolicy} where the image names none. */}}
{{- define "prompted.image" -}}
{{- $global := ((.chart.Values.global).image) | default dict }}
{{- $tag := include "prompted.text" (.image.tag | default $global.tag | default .chart.Chart.AppVersion) }}
{{- $registry := ternary (printf "%s/" $global.registry) "" (not (empty $global.registry)) -}}
image: {{ printf "%s%s:%s" $registry .image.repository $tag | quote }}
imagePullPolicy: {{ .image.pullPolicy | default $global.pullPolicy | default "IfNotPresent" }}
{{- end }}

{{/* Images that are not ours: a whole reference, and no registry is put before it. */}}
{{- define "prompted.toolImage" -}}
image: {{ printf "%s:%s" .repository (include "prompted.text" .tag) | quote }}
imagePullPolicy: {{ .pullPolicy | default "IfNotPresent" }}
{{- end }}

{{/* What a chart that is installed by itself is connected to: its siblings installed as releases of their own names. */}}
{{- define "prompted.alone" -}}
{{- $values := include "prompted.values" . | fromJson }}
database:
  secret: {{ $values.database.existingSecret }}
  key: {{ $values.database.secretKey }}
  port: {{ $values.database.port }}
mqwriter: { url: "http://mqwriter:8084", port: 8084 }
mqreader: { url: "http://mqreader-headless:8085", port: 8085 }
{{- end }}

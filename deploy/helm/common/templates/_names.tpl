{{/* Names and labels. Each takes a chart's context (`.`, or one of `.Subcharts`). */}}
{{- define "prompted.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* At most 52 characters, so that the longest suffix still fits into a DNS label; the service's name is never cut. */}}
{{- define "prompted.fullname" -}}
{{- $name := include "prompted.name" . }}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" (.Release.Name | trunc (sub 51 (len $name) | int) | trimSuffix "-") $name }}
{{- end }}
{{- end }}

{{/* These two and no more, as in the earlier charts: a Deployment's selector cannot be changed. */}}
{{- define "prompted.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "prompted.labels" -}}
{{ include "prompted.selector" . }}
app.kubernetes.io/part-of: prompted
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "prompted.serviceAccountName" -}}
{{- if .values.serviceAccount.create }}{{ .values.serviceAccount.name | default (include "prompted.fullname" .chart) }}
{{- else }}{{ .values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

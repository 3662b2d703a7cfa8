{{/* The streamer works on a copy in an emptyDir: its source stays as it is, and the write-back has somewhere to go. */}}
{{- define "prompted.csvPath" -}}
{{- $path := .values.env.STREAMER_CSV_PATH | default "/work/telemetry.csv" }}
{{- $path = ternary $path (printf "/%s" $path) (isAbs $path) | clean }}
{{- if eq (dir $path) "/" }}{{ fail "streamer: env.STREAMER_CSV_PATH needs a directory, where the working copy is mounted" }}{{ end }}
{{- $path }}
{{- end }}

{{- define "prompted.csvText" -}}
{{- .values.csv.inline | default (.chart.Files.Get "files/telemetry.csv") }}
{{- end }}

{{- define "prompted.csvConfigMap" -}}
{{- $text := include "prompted.csvText" . }}
{{- if gt (len $text) 1000000 }}
{{- fail "streamer: csv.inline is larger than a ConfigMap can hold (1 MiB): put the file on a volume and set csv.existingClaim" }}
{{- end }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .name }}-csv
  labels: {{- include "prompted.labels" .chart | nindent 4 }}
data:
  {{ .values.csv.key }}: {{ $text | toJson }}
{{- end }}

{{- define "prompted.csvCopy" -}}
- name: copy-csv
  {{- include "prompted.toolImage" .values.csv.copyImage | nindent 2 }}
  command: [cp, {{ printf "/source/%s" .values.csv.key | quote }}, {{ include "prompted.csvPath" . | quote }}]
  resources: { requests: { cpu: 10m, memory: 16Mi }, limits: { memory: 64Mi } }
  securityContext: {{- toYaml .values.securityContext | nindent 4 }}
  volumeMounts:
    - { name: source, mountPath: /source, readOnly: true }
    - { name: work, mountPath: {{ include "prompted.csvPath" . | dir }} }
{{- end }}

{{- define "prompted.csvVolumes" -}}
- name: source
  {{- if .values.csv.existingClaim }}
  persistentVolumeClaim: { claimName: {{ .values.csv.existingClaim }}, readOnly: true }
  {{- else }}
  configMap: { name: {{ .values.csv.existingConfigMap | default (printf "%s-csv" .name) }} }
  {{- end }}
- name: work
  emptyDir: { sizeLimit: {{ .values.csv.workSizeLimit }} }
{{- end }}

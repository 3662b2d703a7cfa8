{{/* One daemon, all of its manifests. chart: its context. wiring: what it is connected to:
       database: {secret, key, port, to: [peers], wait: {image, version}}   wait: until the schema has that version
       mqwriter, mqreader: {url, port}     instance: of the umbrella, else absent */}}
{{- define "prompted.service" }}
{{- $values := include "prompted.values" .chart | fromJson }}
{{- $fact := index (include "prompted.facts" .chart | fromYaml) .chart.Chart.Name }}
{{- $c := dict "chart" .chart "wiring" .wiring "values" $values "fact" $fact
      "name" (include "prompted.fullname" .chart) "service" .chart.Chart.Name "port" (include "prompted.port" .chart)
      "autoscaled" (or $values.hpa.enabled $values.keda.enabled) }}
{{- include "prompted.refusals" $c }}
{{- if $values.serviceAccount.create }}
---
{{ include "prompted.serviceAccount" $c }}
{{- end }}
{{- if $values.env.DATABASE_URL }}
---
{{ include "prompted.databaseSecret" $c }}
{{- end }}
{{- if and (eq $c.service "streamer") (not $values.csv.existingClaim) (not $values.csv.existingConfigMap) }}
---
{{ include "prompted.csvConfigMap" $c }}
{{- end }}
---
{{ include "prompted.clusterService" $c }}
{{- if $fact.headless }}
---
{{ include "prompted.headlessService" $c }}
{{- end }}
---
{{ include "prompted.deployment" $c }}
{{- if and $values.pdb.enabled (not $fact.single) }}
---
{{ include "prompted.pdb" $c }}
{{- end }}
{{- if $values.hpa.enabled }}
---
{{ include "prompted.hpa" $c }}
{{- end }}
{{- if $values.keda.enabled }}
---
{{ include "prompted.scaledObject" $c }}
{{- end }}
{{- if $values.serviceMonitor.enabled }}
---
{{ include "prompted.serviceMonitor" $c }}
{{- end }}
{{- if $values.networkPolicy.enabled }}
---
{{ include "prompted.networkPolicy" $c }}
{{- end }}
{{- end }}

{{/* What no schema can say. */}}
{{- define "prompted.refusals" }}
{{- if and .values.hpa.enabled .values.keda.enabled }}
{{- fail (printf "%s: hpa.enabled and keda.enabled are both true: two autoscalers would conflict over one Deployment" .service) }}
{{- end }}
{{- $grace := include "prompted.seconds" (.values.env.SHUTDOWN_GRACE | default "10s") | int }}
{{- with .values.terminationGracePeriodSeconds }}
{{- if le (int .) (add $grace $.values.preStopSleepSeconds | int) }}
{{- fail (printf "%s: terminationGracePeriodSeconds (%d) must be above SHUTDOWN_GRACE and preStopSleepSeconds together (%d)" $.service (int .) (add $grace $.values.preStopSleepSeconds)) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "prompted.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "prompted.serviceAccountName" . }}
  labels: {{- include "prompted.labels" .chart | nindent 4 }}
  {{- with .values.serviceAccount.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end }}

{{/* env.DATABASE_URL of the earlier charts: it holds a password, so it is kept in a Secret. */}}
{{- define "prompted.databaseSecret" -}}
apiVersion: v1
kind: Secret
metadata:
  name: {{ .name }}-database
  labels: {{- include "prompted.labels" .chart | nindent 4 }}
stringData:
  uri: {{ .values.env.DATABASE_URL | quote }}
{{- end }}

{{- define "prompted.clusterService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
  labels: {{- include "prompted.labels" .chart | nindent 4 }}
  {{- with .values.service.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ .values.service.type }}
  selector: {{- include "prompted.selector" .chart | nindent 4 }}
  ports:
    - { name: http, port: {{ .values.service.port | default .fact.port }}, targetPort: http, protocol: TCP, appProtocol: http }
{{- end }}

{{/* Its name resolves to every ready pod, each of which a collector leases from and acks to by its own address. */}}
{{- define "prompted.headlessService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}-headless
  labels:
    {{- include "prompted.labels" .chart | nindent 4 }}
    prompted/headless: "true"
spec:
  clusterIP: None
  selector: {{- include "prompted.selector" .chart | nindent 4 }}
  ports:
    - { name: http, port: {{ .port }}, targetPort: http, protocol: TCP, appProtocol: http }
{{- end }}

{{/* A Service's pods are scraped once: the headless one is left out. */}}
{{- define "prompted.serviceMonitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ .name }}
  labels:
    {{- include "prompted.labels" .chart | nindent 4 }}
    {{- with .values.serviceMonitor.labels }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  selector:
    matchLabels: {{- include "prompted.selector" .chart | nindent 6 }}
    matchExpressions:
      - { key: prompted/headless, operator: DoesNotExist }
  endpoints:
    - { port: http, path: /metrics, interval: {{ .values.serviceMonitor.interval }} }
{{- end }}

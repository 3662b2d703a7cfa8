{{- define "prompted.deployment" -}}
{{- $labels := include "prompted.selector" .chart }}
{{- $grace := include "prompted.seconds" (.values.env.SHUTDOWN_GRACE | default "10s") | int }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .name }}
  labels: {{- include "prompted.labels" .chart | nindent 4 }}
spec:
  {{- if not .autoscaled }}
  replicas: {{ int64 .values.replicaCount }}
  {{- end }}
  revisionHistoryLimit: 3
  strategy:
    {{- if .fact.single }}
    type: Recreate        # two at once would stream the file twice
    rollingUpdate: null   # an upgrade of a Deployment that had it must remove it
    {{- else }}
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
    {{- end }}
  selector:
    matchLabels: {{- $labels | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "prompted.labels" .chart | nindent 8 }}
        {{- with .values.podLabels }}{{ toYaml . | nindent 8 }}{{ end }}
      {{- $annotations := include "prompted.annotations" . | fromYaml }}
      {{- with $annotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "prompted.serviceAccountName" . }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- with concat ((.chart.Values.global).imagePullSecrets | default list) .values.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      terminationGracePeriodSeconds: {{ .values.terminationGracePeriodSeconds | default (add $grace .values.preStopSleepSeconds 10) | int64 }}
      securityContext: {{- toYaml .values.podSecurityContext | nindent 8 }}
      {{- with .values.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with .values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .values.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .values.affinity }}
      affinity: {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- $labels | nindent 14 }}
          matchLabelKeys: [pod-template-hash]
        {{- end }}
      {{- if or (and .fact.database .wiring.database.wait) (eq .service "streamer") }}
      initContainers:
        {{- if eq .service "streamer" }}{{ include "prompted.csvCopy" . | nindent 8 }}{{ end }}
        {{- if and .fact.database .wiring.database.wait }}{{ include "prompted.waitForSchema" . | nindent 8 }}{{ end }}
      {{- end }}
      containers:
        - name: {{ .service }}
          {{- include "prompted.image" (dict "chart" .chart "image" .values.image) | nindent 10 }}
          ports:
            - { name: http, containerPort: {{ .port }}, protocol: TCP }
          {{- $env := include "prompted.env" . | trim }}
          {{- with $env }}
          env: {{- . | nindent 12 }}
          {{- end }}
          startupProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 1
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
          readinessProbe:
            httpGet: { path: /readyz, port: http }
            periodSeconds: 3
            timeoutSeconds: 3
            failureThreshold: 2
          {{- /* Endpoints forget a pod a moment after its SIGTERM. The action came with 1.30: the image has no `sleep`. */}}
          {{- if and (gt (int .values.preStopSleepSeconds) 0) (semverCompare ">=1.30-0" .chart.Capabilities.KubeVersion.Version) }}
          lifecycle:
            preStop: { sleep: { seconds: {{ .values.preStopSleepSeconds }} } }
          {{- end }}
          resources: {{- toYaml .values.resources | nindent 12 }}
          securityContext: {{- toYaml .values.securityContext | nindent 12 }}
          {{- if eq .service "streamer" }}
          volumeMounts:
            - { name: work, mountPath: {{ include "prompted.csvPath" . | dir }} }
          {{- end }}
      {{- if eq .service "streamer" }}
      volumes: {{- include "prompted.csvVolumes" . | nindent 8 }}
      {{- end }}
{{- end }}

{{/* A pod is replaced when a Secret or ConfigMap of its chart changes. */}}
{{- define "prompted.annotations" -}}
{{- with .values.env.DATABASE_URL }}
checksum/database: {{ sha256sum . }}
{{- end }}
{{- if and (eq .service "streamer") (not .values.csv.existingClaim) (not .values.csv.existingConfigMap) }}
checksum/csv: {{ include "prompted.csvText" . | sha256sum }}
{{- end }}
{{- with .values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "prompted.env" -}}
{{- if .fact.database }}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef:
      {{- if .values.env.DATABASE_URL }}
      name: {{ .name }}-database
      key: uri
      {{- else }}
      name: {{ .wiring.database.secret }}
      key: {{ get (.wiring.database.keys | default dict) (.role | default .service) | default .wiring.database.key }}
      {{- end }}
{{- end }}
{{- $made := dict "LISTEN_ADDRESS" "::" }}{{/* the daemons' default is loopback */}}
{{- with .values.ingress }}{{- if .enabled }}
{{- $made = merge $made (dict "ALLOWED_HOSTS" (.host | default "*")) }}{{/* an Ingress without a host takes any name */}}
{{- end }}{{- end }}
{{- if eq .service "streamer" }}
{{- $made = merge $made (dict "MQ_BASE_URL" .wiring.mqwriter.url "STREAMER_CSV_PATH" (include "prompted.csvPath" .)) }}
{{- else if eq .service "collector" }}
{{- $made = merge $made (dict "MQ_BASE_URL" .wiring.mqreader.url) }}
{{- end }}
{{- $all := mergeOverwrite $made (omit .values.env "DATABASE_URL" "STREAMER_CSV_PATH") }}
{{- range $name, $value := $all }}
{{- $text := include "prompted.text" $value }}
{{- if and (ne $text "") (not (kindIs "invalid" $value)) }}
- { name: {{ $name }}, value: {{ $text | quote }} }
{{- end }}
{{- end }}
{{- with .values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Shell: takes the password out of DATABASE_URL and into PGPASSWORD, which psql and golang-migrate read. A process's arguments
     are there for others to read. */}}
{{- define "prompted.hidePassword" -}}
decoded() {   # %41 is A
  left=$1 made=
  while [ "$left" != "${left#*%}" ]; do
    code=$(printf %.2s "${left#*%}")
    made=$made${left%%\%*}$(printf "\\$(printf %03o "0x$code")")
    left=${left#*%??}
  done
  printf %s "$made$left"
}
for place in '^\(postgres[a-z]*://[^:@/]*\):\([^@/]*\)\(@.*\)$' '^\(postgres.*[?&]\)password=\([^&]*\)&\{0,1\}\(.*\)$'; do
  password=$(printf %s "$DATABASE_URL" | sed -n "s|$place|\2|p")
  [ -n "$password" ] || continue
  PGPASSWORD=$(decoded "$password")
  export PGPASSWORD
  DATABASE_URL=$(printf %s "$DATABASE_URL" | sed "s|$place|\1\3|")
  DATABASE_URL=${DATABASE_URL%[?&]}
done
{{- end }}

{{/* The migrations are a Job beside the bundled database: a daemon starts when it is done, whatever starts first. */}}
{{- define "prompted.waitForSchema" -}}
- name: wait-for-schema
  {{- include "prompted.toolImage" .wiring.database.wait.image | nindent 2 }}
  env:
    {{- include "prompted.env" (dict "fact" .fact "values" (dict "env" (pick .values.env "DATABASE_URL")) "wiring" .wiring "name" .name "role" .service "service" "") | trim | nindent 4 }}
  command:
    - sh
    - -ec
    - |
      {{- include "prompted.hidePassword" . | nindent 6 }}
      wanted={{ .wiring.database.wait.version }}
      reached() {
        said=$(psql -X -d "$DATABASE_URL" -Atqc "SELECT version >= $wanted AND NOT dirty FROM schema_migrations" 2>&1) && [ "$said" = t ]
      }
      until reached; do
        echo "waiting for schema version $wanted: $said"
        sleep 1
      done
  resources: { requests: { cpu: 10m, memory: 16Mi }, limits: { memory: 64Mi } }
  securityContext: {{- toYaml .values.securityContext | nindent 4 }}
{{- end }}

{{/* One at a time, also of one: a drain goes on, and the rest takes over. A pod that is not ready does not hold a node up. */}}
{{- define "prompted.pdb" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  labels: {{- include "prompted.labels" .chart | nindent 4 }}
spec:
  maxUnavailable: {{ .values.pdb.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "prompted.selector" .chart | nindent 6 }}
{{- end }}

{{- define "prompted.hpa" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ .name }}
  labels: {{- include "prompted.labels" .chart | nindent 4 }}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ .name }} }
  minReplicas: {{ int64 .values.hpa.minReplicas }}
  maxReplicas: {{ int64 .values.hpa.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: { type: Utilization, averageUtilization: {{ int64 .values.hpa.targetCPUUtilizationPercentage }} }
  behavior: {{- toYaml .values.hpa.behavior | nindent 4 }}
{{- end }}

{{/* By how full the buffers of the pods are, on average. Value, not AverageValue: the utilization is a mean already, and must
     not be divided by the number of pods again. Needs KEDA 2.20: earlier ones asked every endpoint of the namespace. */}}
{{- define "prompted.scaledObject" -}}
{{- $keda := .values.keda }}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ .name }}
  labels: {{- include "prompted.labels" .chart | nindent 4 }}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ .name }} }
  minReplicaCount: {{ int64 $keda.minReplicaCount }}
  maxReplicaCount: {{ int64 $keda.maxReplicaCount }}
  pollingInterval: {{ int64 $keda.pollingInterval }}
  cooldownPeriod: {{ int64 $keda.cooldownPeriod }}
  fallback: {{- toYaml $keda.fallback | nindent 4 }}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior: {{- toYaml .values.hpa.behavior | nindent 8 }}
  triggers:
    - type: metrics-api
      metricType: Value
      metadata:
        # KEDA takes name and namespace from this and asks each pod: so the port is the pods', not the Service's.
        url: http://{{ .name }}.{{ .chart.Release.Namespace }}.svc:{{ .port }}/metrics/buffer
        format: json
        valueLocation: buffer_utilization
        targetValue: {{ $keda.targetUtilization | toString | quote }}
        aggregateFromKubeServiceEndpoints: "true"
        aggregationType: average
{{- end }}

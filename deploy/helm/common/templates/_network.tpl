{{/* Only the arrows of the architecture. The kubelet's probes come from the pod's own node, which no policy refuses; where a
     network plug-in does refuse them, networkPolicy.probesFrom lets the nodes in. */}}
{{- define "prompted.networkPolicy" -}}
{{- $policy := .values.networkPolicy }}
{{- $outside := or $policy.fromAnywhere (ne .values.service.type "ClusterIP") }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .name }}
  labels: {{- include "prompted.labels" .chart | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "prompted.selector" .chart | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress: {{- include "prompted.ingressRules" (merge (dict "outside" $outside) .) | trim | default "[]" | nindent 4 }}
  egress:
    {{- include "prompted.dnsRule" $policy | nindent 4 }}
    {{- if .fact.database }}
    - ports: [{ protocol: TCP, port: {{ .wiring.database.port }} }]
      {{- with $policy.databaseTo | default .wiring.database.to }}
      to: {{- toYaml . | nindent 8 }}
      {{- end }}
    {{- end }}
    {{- range .fact.calls }}
    - ports: [{ protocol: TCP, port: {{ index $.wiring . "port" }} }]
      to:
        - {{ include "prompted.peer" (dict "name" . "wiring" $.wiring) | nindent 10 | trim }}
    {{- end }}
{{- end }}

{{- define "prompted.ingressRules" -}}
{{- $policy := .values.networkPolicy }}
{{- $peers := list }}
{{- range $name, $other := include "prompted.facts" . | fromYaml }}
{{- if has $.service $other.calls }}
{{- $peers = append $peers (include "prompted.peer" (dict "name" $name "wiring" $.wiring) | fromYaml) }}
{{- end }}
{{- end }}
{{- if and .wiring.instance (has .service (list "apigw" "mqwriter")) }}
{{- $peers = append $peers (include "prompted.peer" (dict "name" "prompted-test" "wiring" .wiring) | fromYaml) }}
{{- end }}
{{- $peers = concat $peers $policy.probesFrom $policy.prometheusFrom }}
{{- if .values.keda.enabled }}{{ $peers = concat $peers $policy.kedaFrom }}{{ end }}
{{- if .outside }}
- ports: [{ protocol: TCP, port: {{ .port }} }]
{{- else if $peers }}
- ports: [{ protocol: TCP, port: {{ .port }} }]
  from: {{- toYaml $peers | nindent 4 }}
{{- end }}
{{- end }}

{{/* Pods of another service: of this release, or, where each is a release of its own, of the namespace. */}}
{{- define "prompted.peer" -}}
podSelector:
  matchLabels:
    app.kubernetes.io/name: {{ .name }}
    {{- if .wiring.instance }}
    app.kubernetes.io/instance: {{ .wiring.instance }}
    {{- else }}
    app.kubernetes.io/part-of: prompted
    {{- end }}
{{- end }}

{{/* Anywhere at port 53 unless networkPolicy.dnsTo says where: a node-local cache is no pod that a selector could name. */}}
{{- define "prompted.dnsRule" -}}
- ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]
  {{- with .dnsTo }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

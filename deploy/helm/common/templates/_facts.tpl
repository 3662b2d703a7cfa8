{{/* The architecture, once: who listens where, who needs the database, who calls whom. NetworkPolicies, wiring and Services
     are made from it. */}}
{{- define "prompted.facts" -}}
mqwriter:  { port: 8084, database: true,  calls: [] }
mqreader:  { port: 8085, database: true,  calls: [mqreader], headless: true }   # an ack may be forwarded to its reader
streamer:  { port: 8082, database: false, calls: [mqwriter], single: true }     # two would stream the file twice
collector: { port: 8083, database: true,  calls: [mqreader] }
apigw:     { port: 8080, database: true,  calls: [] }
{{- end }}

{{/* Values that are the same in all charts; a chart's own values and the umbrella's global.networkPolicy, serviceMonitor
     go over them. */}}
{{- define "prompted.defaults" -}}
replicaCount: 1
image: {}
imagePullSecrets: []
service: { type: ClusterIP, annotations: {} }
env: {}
extraEnv: []
resources: {}
serviceAccount: { create: true, name: "", annotations: {} }
podAnnotations: {}
podLabels: {}
nodeSelector: {}
tolerations: []
affinity: {}
priorityClassName: ""
preStopSleepSeconds: 3
podSecurityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
database: { existingSecret: prompted-database, secretKey: uri, port: 5432 }
pdb: { enabled: true, maxUnavailable: 1 }
hpa:
  enabled: false
  minReplicas: 2
  maxReplicas: 6
  targetCPUUtilizationPercentage: 70
  behavior:   # up at once, down one pod a minute after five quiet minutes
    scaleUp:
      stabilizationWindowSeconds: 0
      policies: [{ type: Percent, value: 100, periodSeconds: 15 }]
    scaleDown:
      stabilizationWindowSeconds: 300
      policies: [{ type: Pods, value: 1, periodSeconds: 60 }]
keda:
  enabled: false
  minReplicaCount: 1
  maxReplicaCount: 6
  targetUtilization: 0.5
  pollingInterval: 10
  cooldownPeriod: 300
  fallback: { failureThreshold: 3, replicas: 2, behavior: currentReplicasIfHigher }
serviceMonitor: { enabled: false, interval: 15s, labels: {} }
networkPolicy:
  enabled: true
  fromAnywhere: false
  dnsTo: []
  probesFrom: []
  prometheusFrom: []
  kedaFrom: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: keda } } }]
  databaseTo: []
{{- end }}

"""The combinations of values that helm-check renders: name -> (chart, arguments of helm template). Golden ones are
compared with golden/<name>.yaml."""

FIXED = ["--set", "postgres.password=golden"]  # made by chance otherwise
EXTERNAL = ["--set", "externalDatabase.existingSecret=pg-app"]
SERVICES = ["mqwriter", "mqreader", "streamer", "collector", "apigw"]


def every(services, setting):
    return [part for service in services for part in ("--set", f"{service}.{setting}")]


MATRIX = {
    "bundled": ("umbrella", FIXED),
    "bundled, emptyDir": ("umbrella", [*FIXED, "--set", "postgres.persistence.enabled=false"]),
    "external": ("umbrella", EXTERNAL),
    "external, a role each": (
        "umbrella",
        [
            *EXTERNAL,
            *[
                part
                for name in ("mqwriter", "mqreader", "collector", "apigw")
                for part in ("--set", f"externalDatabase.secretKeys.{name}=uri-{name}")
            ],
        ],
    ),
    "external, earlier values": ("umbrella", ["-f", "tests/helm/values/earlier.yaml"]),
    "external, no migrations": ("umbrella", [*EXTERNAL, "--set", "migrations.enabled=false"]),
    "hpa": ("umbrella", [*FIXED, *every(["mqwriter", "mqreader", "collector", "apigw"], "hpa.enabled=true")]),
    "keda": ("umbrella", [*EXTERNAL, "--set", "mqwriter.keda.enabled=true"]),
    "3 readers, 2 collectors": ("umbrella", [*FIXED, "--set", "mqreader.replicaCount=3,collector.replicaCount=2"]),
    "ServiceMonitor": ("umbrella", [*FIXED, "--set", "global.serviceMonitor.enabled=true"]),
    "no NetworkPolicies": ("umbrella", [*FIXED, "--set", "global.networkPolicy.enabled=false"]),
    "Prometheus, open mqwriter": ("umbrella", [*FIXED, "-f", "tests/helm/values/open.yaml"]),
    "CSV from a ConfigMap": ("umbrella", [*FIXED, "--set", "streamer.csv.existingConfigMap=dump"]),
    "CSV from a PVC": ("umbrella", [*FIXED, "--set", "streamer.csv.existingClaim=dumps,streamer.csv.key=dcgm.csv"]),
    "no streamer, ingress": ("umbrella", [*EXTERNAL, "-f", "tests/helm/values/ingress.yaml"]),
    "other ports": ("umbrella", [*FIXED, "-f", "tests/helm/values/ports.yaml"]),
    "large numbers": ("umbrella", [*FIXED, "-f", "tests/helm/values/large.yaml"]),
    **{f"{service} alone": (service, []) for service in SERVICES},
}

GOLDEN = ["bundled", "external", "external, earlier values", "keda"]

# (chart, arguments, what the message must say)
REFUSED = [
    ("umbrella", ["--set", "posgres.enabled=true"], "additional properties 'posgres' not allowed"),
    (
        "umbrella",
        ["--set", "mqwriter.replicaCuont=3"],
        "mqwriter:\n- at '': additional properties 'replicaCuont' not allowed",
    ),
    (
        "umbrella",
        ["--set", "collector.env.LEASE_SECOND=3"],
        "at '/env': additional properties 'LEASE_SECOND' not allowed",
    ),
    (
        "umbrella",
        ["--set", "mqwriter.env.MQ_FLUSH_INTERVAL=5"],
        "at '/env/MQ_FLUSH_INTERVAL': got number, want null or string",
    ),
    ("mqreader", ["--set-string", "env.READER_MEMORY_BYTES=128MB"], "'128MB' does not match pattern"),
    ("mqwriter", ["--set", "env.MQ_BUFFER_SIZE=0"], "at '/env/MQ_BUFFER_SIZE': minimum: got 0, want 1"),
    ("mqreader", ["--set", "keda.enabled=true"], "additional properties 'keda' not allowed"),
    ("umbrella", ["--set", "mqwriter.hpa.enabled=true,mqwriter.keda.enabled=true"], "two autoscalers would conflict"),
    ("umbrella", ["--set", "postgres.enabled=false"], "no database for mqwriter, mqreader, collector, apigw"),
    (
        "umbrella",
        [*EXTERNAL, "--set", "externalDatabase.secretKeys.streamer=uri"],
        "additional properties 'streamer' not allowed",
    ),
    ("umbrella", [*EXTERNAL, "--set", "postgres.enabled=true"], "to use the external database"),
    ("umbrella", ["--set", "apigw.env.DATABASE_URL=postgres://a/b"], "env.DATABASE_URL is set for apigw, but"),
    (
        "umbrella",
        ["--set", "mqreader.env.MQ_PARTITION_COUNT=64"],
        "MQ_PARTITION_COUNT is 256 for mqwriter and 64 for mqreader",
    ),
    (
        "apigw",
        ["--set", "terminationGracePeriodSeconds=13"],
        "(13) must be above SHUTDOWN_GRACE and preStopSleepSeconds",
    ),
    ("umbrella", ["--set-file", "streamer.csv.inline=LARGE"], "larger than a ConfigMap can hold"),
    ("umbrella", ["--set", "streamer.env.STREAMER_CSV_PATH=/telemetry.csv"], "needs a directory"),
]

"""The charts' values.schema.json, made from one description and the table of docs/configuration.md (which the daemons'
declarations make): so the five agree, and env knows each daemon's settings and their form.
schemas.make(root) -> {path: text}."""

import json
import re
from pathlib import Path

SERVICES = ["apigw", "mqwriter", "mqreader", "streamer", "collector"]
FOREIGN = "^(GO[A-Z]+|PG[A-Z]+|MALLOC_.*|TZ|LANG|LC_.*)$"  # not ours, harmless, and earlier values may have them


def text(description, **more):
    return {"type": "string", "description": description, **more}


def boolean(description):
    return {"type": "boolean", "description": description}


def integer(description, least=0, **more):
    return {"type": "integer", "minimum": least, "description": description, **more}


def closed(description, required=(), **properties):
    schema = {"type": "object", "description": description, "additionalProperties": False, "properties": properties}
    return {**schema, "required": list(required)} if required else schema


def free(description):
    return {"type": "object", "description": description}


def items(description):
    return {"type": "array", "description": description}


TAG = {"type": ["string", "number"], "description": "Image tag"}
PULL = {"enum": ["", "Always", "IfNotPresent", "Never"], "description": "Image pull policy; defaults to IfNotPresent"}
TOOL_IMAGE = closed("Image", repository=text("Image repository"), tag=TAG, pullPolicy=PULL)
PERCENT_OR_COUNT = {"type": ["integer", "string"], "description": "A number of pods, or a percentage"}


def settings(root):
    """service -> {variable: (type, help)}, from the table of docs/configuration.md."""
    table = re.search(
        r"<!-- settings -->(.*?)<!-- /settings -->", (root / "docs/configuration.md").read_text(), re.S
    ).group(1)
    found = {service: {} for service in SERVICES}
    for line in table.strip().splitlines()[2:]:
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        help_text, kind = re.fullmatch(r"(.*) \(([^()]*)\)", cells[3]).groups()
        for service in SERVICES if cells[2] == "all" else cells[2].split(", "):
            found[service][cells[0].strip("`")] = (kind, help_text)
    return found


def env_value(kind, help_text):
    described = {"description": f"{help_text} ({kind})"}
    if found := re.fullmatch(r"integer (\d+)\.\.(\d+)", kind):
        least, most = map(int, found.groups())
        return {
            "type": ["integer", "string", "null"],
            "minimum": least,
            "maximum": most,
            "pattern": "^[0-9]*$",
            **described,
        }
    if kind == "duration":
        unit = r"([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|ms|s|m|h)"
        return {"type": ["string", "null"], "pattern": f"^(({unit})+|0)?$", **described}
    if kind == "size":
        return {
            "type": ["integer", "string", "null"],
            "minimum": 0,
            "pattern": "^([0-9]+(B|KiB|MiB|GiB|TiB)?)?$",
            **described,
        }
    if kind == "text":
        return {"type": ["string", "number", "boolean", "null"], **described}
    words = kind.split("|")
    if "warn" in words:  # a daemon takes any case, and slog's longer word
        words += ["warning", *(word.upper() for word in (*words, "warning"))]
    return {"enum": [*words, "", None], **described}


def peers(description):
    return {"type": "array", "items": {"type": "object"}, "description": description + " (NetworkPolicy peers)"}


def network_policy(for_all):
    properties = {
        "enabled": boolean("Allow only the connections that the architecture needs"),
        "dnsTo": peers("DNS servers; empty: any destination at port 53"),
        "probesFrom": peers("Nodes, for network plug-ins that block the kubelet's probes"),
        "prometheusFrom": peers("Peers that may scrape /metrics"),
        "databaseTo": peers("The database; empty: the bundled one, or any destination at its port"),
    }
    if not for_all:
        properties["fromAnywhere"] = boolean("Allow requests from anywhere")
        properties["kedaFrom"] = peers("The KEDA operator, if keda.enabled; defaults to namespace keda")
    return closed("NetworkPolicy", **properties)


def service_monitor():
    return closed(
        "ServiceMonitor of the Prometheus operator",
        enabled=boolean("Create a ServiceMonitor"),
        interval=text("Scrape interval"),
        labels=free("Labels by which Prometheus selects the ServiceMonitor"),
    )


def global_values(is_closed):
    image = closed(
        "Images of all services", registry=text("Registry, put before the image repositories"), tag=TAG, pullPolicy=PULL
    )
    schema = closed(
        "Values for all charts",
        composed=boolean("Set by the umbrella; do not change"),
        image=image,
        imagePullSecrets=items("Image pull secrets of all pods"),
        serviceMonitor=service_monitor(),
        networkPolicy=network_policy(True),
    )
    if not is_closed:  # a chart of ours may be part of somebody else's umbrella
        schema["additionalProperties"] = True
    return schema


def service(name, known):
    database = "DATABASE_URL" in known
    properties = {
        "global": global_values(False),
        "common": free("The library chart; it has no values"),
        "enabled": boolean("Install this service (read by the umbrella)"),
        "nameOverride": text("Replaces the chart's name in object names"),
        "fullnameOverride": text("Full name of all objects of the chart"),
        "replicaCount": integer("Number of pods, unless hpa or keda sets it"),
        "image": closed("Image", repository=text("Image repository", minLength=1), tag=TAG, pullPolicy=PULL),
        "imagePullSecrets": items("Image pull secrets, as in a pod"),
        "service": closed(
            "Service",
            type={"enum": ["ClusterIP", "NodePort", "LoadBalancer"]},
            port=integer("Port of the Service; the daemon listens on env.PORT", 1, maximum=65535),
            annotations=free("Annotations"),
        ),
        "env": {
            "type": ["object", "null"],
            "description": "Settings as environment variables (docs/configuration.md)",
            "additionalProperties": False,
            "properties": {variable: env_value(*known[variable]) for variable in sorted(known)},
            "patternProperties": {FOREIGN: {"type": ["string", "number", "boolean"]}},
        },
        "extraEnv": items("Additional environment variables, as in a container"),
        "resources": free("Resources, as in a container"),
        "serviceAccount": closed(
            "ServiceAccount; its token is never mounted",
            create=boolean("Create a ServiceAccount"),
            name=text("Name"),
            annotations=free("Annotations"),
        ),
        "podAnnotations": free("Annotations"),
        "podLabels": free("Labels"),
        "nodeSelector": free("Node selector, as in a pod"),
        "tolerations": items("Tolerations, as in a pod"),
        "affinity": free("Affinity, as in a pod"),
        "priorityClassName": text("Priority class, as in a pod"),
        "terminationGracePeriodSeconds": {
            "type": ["integer", "null"],
            "minimum": 1,
            "description": "Defaults to env.SHUTDOWN_GRACE + preStopSleepSeconds + 10",
        },
        "preStopSleepSeconds": integer(
            "Seconds between removing a pod from the Service and SIGTERM (Kubernetes 1.30 or later)"
        ),
        "podSecurityContext": free("Overrides the default"),
        "securityContext": free("Overrides the default"),
        "serviceMonitor": service_monitor(),
        "networkPolicy": network_policy(False),
    }
    behavior = free("As in HorizontalPodAutoscaler v2")
    if database:
        properties["database"] = closed(
            "Database of a chart that is installed without the umbrella",
            existingSecret=text("Secret that holds a DSN"),
            secretKey=text("Key of the DSN in the Secret", minLength=1),
            port=integer("Port of the database, for the NetworkPolicy", 1),
        )
        properties["pdb"] = closed(
            "PodDisruptionBudget", enabled=boolean("Create a PodDisruptionBudget"), maxUnavailable=PERCENT_OR_COUNT
        )
        properties["hpa"] = closed(
            "HorizontalPodAutoscaler by CPU",
            enabled=boolean("Create a HorizontalPodAutoscaler"),
            minReplicas=integer("Minimum number of pods", 1),
            maxReplicas=integer("Maximum number of pods", 1),
            targetCPUUtilizationPercentage=integer("CPU target in percent of the request", 1),
            behavior=behavior,
        )
    if name == "mqwriter":
        fallback = closed(
            "If the metric cannot be read",
            failureThreshold=integer("Number of failures before the fallback", 1),
            replicas=integer("Number of pods in the fallback", 1),
            behavior=text("As in a ScaledObject"),
        )
        properties["keda"] = closed(
            "ScaledObject by /metrics/buffer; KEDA 2.20 or later",
            enabled=boolean("Create a ScaledObject"),
            minReplicaCount=integer("Minimum number of pods; not 0, because pods provide the metric", 1),
            maxReplicaCount=integer("Maximum number of pods", 1),
            targetUtilization={"type": "number", "exclusiveMinimum": 0, "maximum": 1},
            pollingInterval=integer("In seconds", 1),
            cooldownPeriod=integer("In seconds"),
            fallback=fallback,
        )
    if name == "streamer":
        properties["csv"] = closed(
            "CSV file to publish",
            inline=text("Text of the file"),
            existingConfigMap=text("ConfigMap that holds the file"),
            existingClaim=text("PersistentVolumeClaim that holds the file"),
            key=text("Name of the file in the ConfigMap or on the volume", pattern="^[-._a-zA-Z0-9]+$"),
            workSizeLimit=text("Size limit of the emptyDir with the working copy"),
            copyImage=TOOL_IMAGE,
        )
    if name == "apigw":
        properties["ingress"] = closed(
            "Ingress",
            enabled=boolean("Create an Ingress"),
            className=text("Ingress class"),
            annotations=free("Annotations"),
            host=text("Host name; empty: any"),
            tlsSecret=text("Secret that holds the TLS certificate"),
        )
    return closed(f"Values of {name}", **properties)


ROLES = ["mqwriter", "mqreader", "collector", "apigw"]


def umbrella():
    plain = "^[A-Za-z0-9._~-]*$"  # goes into a URL as it is
    postgres = closed(
        "Bundled PostgreSQL, for trials",
        enabled={"enum": [True, False, "auto"]},
        image=TOOL_IMAGE,
        uid=integer("User id of postgres in the image", 1),
        database=text("Database name", pattern=plain),
        user=text("User name", pattern=plain),
        password=text("Password of the user; empty: generated at the first install", pattern=plain),
        maxConnections=integer("max_connections", 10),
        persistence=closed(
            "Volume",
            enabled=boolean("Use a volume instead of an emptyDir"),
            size=text("Size"),
            storageClass=text("Storage class"),
        ),
        resources=free("Resources, as in a container"),
    )
    external = closed(
        "Existing PostgreSQL",
        existingSecret=text("Secret that holds its DSN"),
        secretKey=text("Key of the DSN in the Secret", minLength=1),
        secretKeys=closed(
            "Keys of one DSN per daemon", **{name: text(f"Key of the DSN of {name}", minLength=1) for name in ROLES}
        ),
        port=integer("Port of the database, for the NetworkPolicies", 1, maximum=65535),
    )
    return closed(
        "Values of prompted",
        **{"global": global_values(True)},
        common=free("The library chart; it has no values"),
        postgres=postgres,
        externalDatabase=external,
        migrations=closed("golang-migrate", enabled=boolean("Apply the migrations"), image=TOOL_IMAGE),
        tests=closed("helm test", image=TOOL_IMAGE),
        **{name: free(f"Values of ../{name}") for name in SERVICES},
    )


def make(root):
    root = Path(root)
    known = settings(root)
    charts = {name: service(name, known[name]) for name in SERVICES}
    charts["umbrella"] = umbrella()
    head = {"$schema": "https://json-schema.org/draft-07/schema#"}
    return {
        root / "deploy/helm" / name / "values.schema.json": json.dumps({**head, **schema}, indent=1) + "\n"
        for name, schema in charts.items()
    }


if __name__ == "__main__":
    for path, content in make(Path(__file__).resolve().parents[2]).items():
        path.write_text(content)

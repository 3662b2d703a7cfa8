"""The charts' values.schema.json, made from one description and the table of docs/configuration.md (which the daemons'
declarations make): so the five agree, and env knows each daemon's settings and their form. schemas.make(root) -> {path: text}."""
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


TAG = {"type": ["string", "number"], "description": "Tag"}
PULL = {"enum": ["", "Always", "IfNotPresent", "Never"], "description": "Pull policy; empty: IfNotPresent"}
TOOL_IMAGE = closed("Image", repository=text("Repository"), tag=TAG, pullPolicy=PULL)
PERCENT_OR_COUNT = {"type": ["integer", "string"], "description": "A number of pods, or a percentage"}


def settings(root):
    """service -> {variable: (type, help)}, from the table of docs/configuration.md."""
    table = re.search(r"<!-- settings -->(.*?)<!-- /settings -->", (root / "docs/configuration.md").read_text(), re.S).group(1)
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
        return {"type": ["integer", "string", "null"], "minimum": least, "maximum": most, "pattern": "^[0-9]*$", **described}
    if kind == "duration":
        unit = r"([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|ms|s|m|h)"
        return {"type": ["string", "null"], "pattern": f"^(({unit})+|0)?$", **described}
    if kind == "size":
        return {"type": ["integer", "string", "null"], "minimum": 0, "pattern": "^([0-9]+(B|KiB|MiB|GiB|TiB)?)?$", **described}
    if kind == "text":
        return {"type": ["string", "number", "boolean", "null"], **described}
    words = kind.split("|")
    if "warn" in words:   # a daemon takes any case, and slog's longer word
        words += ["warning", *(word.upper() for word in (*words, "warning"))]
    return {"enum": [*words, "", None], **described}


def peers(description):
    return {"type": "array", "items": {"type": "object"}, "description": description + " (NetworkPolicy peers)"}


def network_policy(for_all):
    properties = {
        "enabled": boolean("Allow only the arrows of the architecture"),
        "dnsTo": peers("Where DNS may be asked; empty: anywhere at port 53"),
        "probesFrom": peers("The nodes, where the network plug-in refuses the kubelet's probes otherwise"),
        "prometheusFrom": peers("Who may scrape /metrics"),
        "databaseTo": peers("Where the database is; empty: the bundled one, or anywhere at its port"),
    }
    if not for_all:
        properties["fromAnywhere"] = boolean("Requests may come from anywhere")
        properties["kedaFrom"] = peers("KEDA's operator, when keda.enabled; its namespace keda unless given")
    return closed("NetworkPolicy", **properties)


def service_monitor():
    return closed("ServiceMonitor of the Prometheus operator", enabled=boolean("Make it"), interval=text("Scrape interval"),
                  labels=free("Labels by which Prometheus selects it"))


def global_values(is_closed):
    image = closed("Of all services", registry=text("Put before their repositories"), tag=TAG, pullPolicy=PULL)
    schema = closed("For all charts", composed=boolean("Set by the umbrella: leave it"), image=image,
                    imagePullSecrets=items("Of all pods"), serviceMonitor=service_monitor(),
                    networkPolicy=network_policy(True))
    if not is_closed:  # a chart of ours may be part of somebody else's umbrella
        schema["additionalProperties"] = True
    return schema


def service(name, known):
    database = "DATABASE_URL" in known
    properties = {
        "global": global_values(False),
        "common": free("The library chart: has no values"),
        "enabled": boolean("Install it (read by the umbrella)"),
        "nameOverride": text("In place of the chart's name in names"),
        "fullnameOverride": text("Name of all its objects"),
        "replicaCount": integer("Pods, unless hpa or keda decides"),
        "image": closed("Image", repository=text("Repository", minLength=1), tag=TAG, pullPolicy=PULL),
        "imagePullSecrets": items("As in a pod"),
        "service": closed("Service", type={"enum": ["ClusterIP", "NodePort", "LoadBalancer"]},
                          port=integer("Port of the Service; the daemon's is env.PORT", 1, maximum=65535),
                          annotations=free("Annotations")),
        "env": {"type": ["object", "null"], "description": "Settings (docs/configuration.md)", "additionalProperties": False,
                "properties": {variable: env_value(*known[variable]) for variable in sorted(known)},
                "patternProperties": {FOREIGN: {"type": ["string", "number", "boolean"]}}},
        "extraEnv": items("More environment, as in a container"),
        "resources": free("As in a container"),
        "serviceAccount": closed("Without a token in any case", create=boolean("Make it"), name=text("Name"),
                                 annotations=free("Annotations")),
        "podAnnotations": free("Annotations"), "podLabels": free("Labels"), "nodeSelector": free("As in a pod"),
        "tolerations": items("As in a pod"), "affinity": free("As in a pod"), "priorityClassName": text("As in a pod"),
        "terminationGracePeriodSeconds": {"type": ["integer", "null"], "minimum": 1, "description":
                                          "Unless given: env.SHUTDOWN_GRACE + preStopSleepSeconds + 10"},
        "preStopSleepSeconds": integer("Between a pod's leaving the Service and its SIGTERM (Kubernetes 1.30)"),
        "podSecurityContext": free("Goes over the default"), "securityContext": free("Goes over the default"),
        "serviceMonitor": service_monitor(),
        "networkPolicy": network_policy(False),
    }
    behavior = free("As in HorizontalPodAutoscaler v2")
    if database:
        properties["database"] = closed("For the chart by itself", existingSecret=text("Secret with a DSN"),
                                        secretKey=text("Its key", minLength=1), port=integer("For the NetworkPolicy", 1))
        properties["pdb"] = closed("PodDisruptionBudget", enabled=boolean("Make it"), maxUnavailable=PERCENT_OR_COUNT)
        properties["hpa"] = closed("HorizontalPodAutoscaler by CPU", enabled=boolean("Make it"),
                                   minReplicas=integer("Least", 1), maxReplicas=integer("Most", 1),
                                   targetCPUUtilizationPercentage=integer("Of the request", 1), behavior=behavior)
    if name == "mqwriter":
        fallback = closed("When the metric cannot be read", failureThreshold=integer("After so many failures", 1),
                          replicas=integer("So many pods", 1), behavior=text("As in a ScaledObject"))
        properties["keda"] = closed("ScaledObject by /metrics/buffer; KEDA 2.20 or later", enabled=boolean("Make it"),
                                    minReplicaCount=integer("Least; the metric comes from pods, so not 0", 1),
                                    maxReplicaCount=integer("Most", 1),
                                    targetUtilization={"type": "number", "exclusiveMinimum": 0, "maximum": 1},
                                    pollingInterval=integer("Seconds", 1), cooldownPeriod=integer("Seconds"),
                                    fallback=fallback)
    if name == "streamer":
        properties["csv"] = closed("The file", inline=text("Its text"), existingConfigMap=text("A ConfigMap that has it"),
                                   existingClaim=text("A PersistentVolumeClaim that has it"),
                                   key=text("Its name there", pattern="^[-._a-zA-Z0-9]+$"),
                                   workSizeLimit=text("Of the copy's emptyDir"), copyImage=TOOL_IMAGE)
    if name == "apigw":
        properties["ingress"] = closed("Ingress", enabled=boolean("Make it"), className=text("Class"),
                                       annotations=free("Annotations"), host=text("Host; empty: any"),
                                       tlsSecret=text("Secret with its certificate"))
    return closed(f"Values of {name}", **properties)


ROLES = ["mqwriter", "mqreader", "collector", "apigw"]


def umbrella():
    plain = "^[A-Za-z0-9._~-]*$"  # goes into a URL as it is
    postgres = closed(
        "A PostgreSQL of its own, for trials", enabled={"enum": [True, False, "auto"]}, image=TOOL_IMAGE,
        uid=integer("Of postgres in the image", 1), database=text("Name", pattern=plain), user=text("Name", pattern=plain),
        password=text("Empty: made at the first install", pattern=plain), maxConnections=integer("max_connections", 10),
        persistence=closed("Volume", enabled=boolean("Else an emptyDir"), size=text("Size"), storageClass=text("Class")),
        resources=free("As in a container"))
    external = closed("A PostgreSQL that is there already", existingSecret=text("Secret with its DSN"),
                      secretKey=text("Key of the DSN", minLength=1),
                      secretKeys=closed("Keys of the daemons' own DSNs", **{name: text("Key of its DSN", minLength=1) for name in ROLES}), port=integer("For the NetworkPolicies", 1, maximum=65535))
    return closed(
        "Values of prompted", **{"global": global_values(True)}, common=free("The library chart: has no values"),
        postgres=postgres, externalDatabase=external,
        migrations=closed("golang-migrate", enabled=boolean("Apply them"), image=TOOL_IMAGE),
        tests=closed("helm test", image=TOOL_IMAGE), **{name: free(f"Values of ../{name}") for name in SERVICES})


def make(root):
    root = Path(root)
    known = settings(root)
    charts = {name: service(name, known[name]) for name in SERVICES}
    charts["umbrella"] = umbrella()
    head = {"$schema": "https://json-schema.org/draft-07/schema#"}
    return {root / "deploy/helm" / name / "values.schema.json": json.dumps({**head, **schema}, indent=1) + "\n"
            for name, schema in charts.items()}


if __name__ == "__main__":
    for path, content in make(Path(__file__).resolve().parents[2]).items():
        path.write_text(content)

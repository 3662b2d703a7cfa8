"""Rules for every rendering, whatever the values. Each takes the manifests and raises on a violation."""

import re

import traffic
from helm import ROOT, named, of_kind, pod_labels, pod_spec

SERVICES = ["apigw", "mqwriter", "mqreader", "streamer", "collector"]
NEWEST = max(int(path.name.split("_")[0]) for path in (ROOT / "migrations").glob("*.up.sql"))


def containers(items):
    for item in items:
        for container in (spec := pod_spec(item) or {}).get("initContainers", []) + spec.get("containers", []):
            yield item, container


def daemons(items):
    """(service, deployment, its container)"""
    for item in of_kind(items, "Deployment"):
        (container,) = pod_spec(item)["containers"]
        yield container["name"], item, container


def environment(container):
    return {entry["name"]: entry.get("value") for entry in container.get("env", [])}


def names_are_unique(items):
    names = [(item["kind"], item["metadata"]["name"]) for item in items]
    assert len(names) == len(set(names)), f"twice: {[name for name in names if names.count(name) > 1]}"
    assert all(len(name) <= 63 for _, name in names)


def pods_are_restricted(items):
    for item, container in containers(items):
        spec, who = pod_spec(item), f"{item['kind']} {item['metadata']['name']}/{container['name']}"
        assert spec.get("automountServiceAccountToken") is False and spec.get("enableServiceLinks") is False, who
        pod, own = spec["securityContext"], container["securityContext"]
        assert pod["runAsNonRoot"] is True and pod["runAsUser"] > 0, who
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}, who
        assert own["readOnlyRootFilesystem"] is True and own["allowPrivilegeEscalation"] is False, who
        assert own["capabilities"] == {"drop": ["ALL"]}, who
        assert re.fullmatch(r"[a-z0-9./_-]+:[A-Za-z0-9._-]+", container["image"]), container["image"]
    assert all(item.get("automountServiceAccountToken") is False for item in of_kind(items, "ServiceAccount"))


def seconds(duration):
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)(ms|s|m|h)", duration))


def daemons_are_probed_and_drain(items):
    for service, item, container in daemons(items):
        spec = pod_spec(item)
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz", service
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz", service
        sleep = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        grace = seconds(environment(container).get("SHUTDOWN_GRACE", "10s"))
        assert spec["terminationGracePeriodSeconds"] > grace + sleep, service
        assert len(spec["topologySpreadConstraints"]) == 2, service
        (port,) = container["ports"]
        assert port["containerPort"] == int(environment(container).get("PORT", traffic.PORTS[service])), service


def daemons_listen_beyond_loopback(items):
    for service, _, container in daemons(items):
        address = environment(container).get("LISTEN_ADDRESS")
        assert address == "::", f"{service} listens on {address}"


def scaling(items):
    """One autoscaler at most, and then no replicas that each upgrade would reset; a budget for all but the streamer."""
    for service, item, container in daemons(items):
        targets = [
            scaler
            for kind in ("HorizontalPodAutoscaler", "ScaledObject")
            for scaler in of_kind(items, kind)
            if scaler["spec"]["scaleTargetRef"]["name"] == item["metadata"]["name"]
        ]
        assert len(targets) <= 1 and ("replicas" in item["spec"]) == (not targets), service
        for scaler in of_kind(targets, "HorizontalPodAutoscaler"):
            assert {"scaleUp", "scaleDown"} == set(scaler["spec"]["behavior"])
            assert container["resources"]["requests"]["cpu"], f"{service}: CPU utilization is of a request"
        budgets = [
            budget
            for budget in of_kind(items, "PodDisruptionBudget")
            if budget["metadata"]["name"] == item["metadata"]["name"]
        ]
        assert len(budgets) == (0 if service == "streamer" else 1), service


def services_reach_pods(items):
    for service in of_kind(items, "Service"):
        behind = [
            item
            for item in items
            if pod_spec(item)
            and item["kind"] != "Job"
            and service["spec"]["selector"].items() <= pod_labels(item).items()
        ]
        assert len(behind) == 1, f"{service['metadata']['name']}: {len(behind)} workloads behind it"
        open_ports = {port["name"] for container in pod_spec(behind[0])["containers"] for port in container["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= open_ports
    for monitor in of_kind(items, "ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        found = [
            service
            for service in of_kind(items, "Service")
            if wanted <= service["metadata"]["labels"].items()
            and "prompted/headless" not in service["metadata"]["labels"]
        ]
        assert len(found) == 1, f"{monitor['metadata']['name']} selects {len(found)} Services"


def urls_are_served(items):
    """A URL that names a Service of this release names a port of it; a headless one's is the pods'."""
    for service, _, container in daemons(items):
        url = environment(container).get("MQ_BASE_URL")
        if url is None:
            continue
        host, port = re.fullmatch(r"http://([^:/]+):(\d+)", url).groups()
        target = next((item for item in of_kind(items, "Service") if item["metadata"]["name"] == host), None)
        if target is None:
            continue
        assert (target["spec"].get("clusterIP") == "None") == (service == "collector"), f"{service}: {url}"
        pods = traffic.workload_of(items, target)
        served = (
            pod_spec(pods)["containers"][0]["ports"][0]["containerPort"]
            if service == "collector"
            else target["spec"]["ports"][0]["port"]
        )
        assert int(port) == served, f"{service}: {url}, but {served} is served"


def references_exist(items, given=("pg-app", "dump", "dumps")):
    there = {(item["kind"], item["metadata"]["name"]) for item in items}
    if len(of_kind(items, "Deployment")) == 1:  # a chart by itself
        given = (*given, "prompted-database")
    for item in items:
        spec = pod_spec(item) or {}
        wanted = [
            ("ConfigMap", volume["configMap"]["name"]) for volume in spec.get("volumes", []) if "configMap" in volume
        ]
        for container in spec.get("initContainers", []) + spec.get("containers", []):
            wanted += [
                ("Secret", entry["valueFrom"]["secretKeyRef"]["name"])
                for entry in container.get("env", [])
                if "secretKeyRef" in entry.get("valueFrom", {})
            ]
        if "serviceAccountName" in spec:
            wanted.append(("ServiceAccount", spec["serviceAccountName"]))
        for kind, name in wanted:
            assert (kind, name) in there or name in given, (
                f"{item['kind']} {item['metadata']['name']}: no {kind} {name}"
            )


def the_sample_is_the_repositorys(items):
    for item in of_kind(items, "ConfigMap"):
        if item["metadata"]["name"].endswith("-csv"):
            assert item["data"]["telemetry.csv"] == (ROOT / "samples/telemetry.csv").read_text()


def hook_of(item):
    return item["metadata"].get("annotations", {}).get("helm.sh/hook", "")


def nothing_waits_for_what_is_not_made_yet(items):
    """With the bundled database the Job is ordinary and daemons wait for the schema in an init container; with an
    external one the Job is a hook, needs nothing that is not one, and nobody waits."""
    jobs, bundled = of_kind(items, "Job"), bool(of_kind(items, "StatefulSet"))
    for item in items:
        waits = [
            container
            for container in (pod_spec(item) or {}).get("initContainers", [])
            if container["name"] == "wait-for-schema"
        ]
        must = (
            bundled
            and bool(jobs)
            and item["kind"] == "Deployment"
            and pod_spec(item)["containers"][0]["name"] != "streamer"
        )
        assert len(waits) == must, f"{item['kind']} {item['metadata']['name']}: {len(waits)} waits"
        assert all(f"wanted={NEWEST}\n" in wait["command"][2] for wait in waits), f"must wait for version {NEWEST}"
    for job in jobs:
        hook = hook_of(job)
        assert hook == ("" if bundled else "pre-install,pre-upgrade"), hook
        assert job["metadata"]["name"].endswith("-1") == bundled, "an ordinary Job is one of its revision"
        config = named(items, "ConfigMap", pod_spec(job)["volumes"][0]["configMap"]["name"])
        assert hook_of(config) == hook
        if hook:
            early = [item for item in items if hook_of(item) == hook]
            references_exist(early, given=("pg-app",))
            assert "serviceAccountName" not in pod_spec(job)
            weights = {item["kind"]: int(item["metadata"]["annotations"]["helm.sh/hook-weight"]) for item in early}
            assert all(weights["Job"] > weight for kind, weight in weights.items() if kind != "Job"), weights
        files = {path.name: path.read_text() for path in (ROOT / "migrations").glob("*sql")}
        assert config["data"] == files, "the ConfigMap is not what migrations/ holds"


def each_daemon_has_its_role(items):
    """Where the Job sees to the roles, nobody but the Job is the owner: each daemon's DSN is its own. Beside the
    bundled database it has a password that the Job gives to that role and to no other."""
    (roles,) = [container for _, container in containers(of_kind(items, "Job")) if container["name"] == "roles"] or [
        None
    ]
    bundled = bool(of_kind(items, "StatefulSet"))
    assert roles or not (bundled and of_kind(items, "Job")), "nobody makes the roles"
    if not roles:
        return
    given = {entry["name"]: entry["valueFrom"]["secretKeyRef"]["key"] for entry in roles["env"] if "valueFrom" in entry}
    secret = named(items, "Secret", "prompted-database")["stringData"] if bundled else None
    passwords = {secret["password"]} if bundled else set()
    for service, item, container in daemons(items):
        if service == "streamer":
            continue
        for each in [
            container,
            *(one for one in pod_spec(item).get("initContainers", []) if one["name"] == "wait-for-schema"),
        ]:
            (entry,) = [entry for entry in each["env"] if entry["name"] == "DATABASE_URL"]
            key = entry["valueFrom"]["secretKeyRef"]["key"]
            assert key == f"uri-{service}", f"{service}/{each['name']} uses {key}"
        if bundled:
            password = secret[given[f"{service.upper()}_DB_PASSWORD"]]
            assert secret[f"uri-{service}"].startswith(f"postgres://prompted_{service}:{password}@"), service
            assert password not in passwords, f"{service}'s password is not its own"
            passwords.add(password)


def network(items):
    if of_kind(items, "NetworkPolicy"):
        traffic.check(items)


ALL = [
    names_are_unique,
    pods_are_restricted,
    daemons_are_probed_and_drain,
    daemons_listen_beyond_loopback,
    scaling,
    services_reach_pods,
    urls_are_served,
    references_exist,
    the_sample_is_the_repositorys,
    nothing_waits_for_what_is_not_made_yet,
    each_daemon_has_its_role,
    network,
]

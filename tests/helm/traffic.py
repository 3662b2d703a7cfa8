"""Computes which pods may connect under a rendering's NetworkPolicies: from both ends, as a cluster does, and compared
with the architecture."""

from helm import of_kind, pod_labels, pod_spec

PORTS = {"apigw": 8080, "streamer": 8082, "collector": 8083, "mqwriter": 8084, "mqreader": 8085}
ARROWS = {
    ("streamer", "mqwriter"),
    ("collector", "mqreader"),
    ("mqreader", "mqreader"),
    ("prompted-test", "mqwriter"),
    ("prompted-test", "apigw"),
    *((name, "prompted-postgres") for name in ("mqwriter", "mqreader", "collector", "apigw", "prompted-migrate")),
}


def workload_of(items, service):
    return next(
        item
        for item in items
        if pod_spec(item) and item["kind"] != "Job" and service["spec"]["selector"].items() <= pod_labels(item).items()
    )


def name_of(labels):
    return labels["app.kubernetes.io/name"]


def matches(peers, labels):
    """Does a rule's `from` or `to` let these pods of our namespace in? None: everybody."""
    return peers is None or any(
        set(peer) == {"podSelector"} and peer["podSelector"]["matchLabels"].items() <= labels.items() for peer in peers
    )


def allows(policies, own, other, port, direction):
    rules, key, peers = ("ingress", "Ingress", "from") if direction == "in" else ("egress", "Egress", "to")
    selecting = [
        policy["spec"]
        for policy in policies
        if policy["spec"]["podSelector"]["matchLabels"].items() <= own.items() and key in policy["spec"]["policyTypes"]
    ]
    assert selecting, f"no policy selects {name_of(own)}"
    return any(
        matches(rule.get(peers), other) and {"protocol": "TCP", "port": port} in rule["ports"]
        for spec in selecting
        for rule in spec.get(rules) or []
    )


def port_of(item):
    ports = pod_spec(item)["containers"][0].get("ports", [])
    return ports[0]["containerPort"] if ports else None


def check(items):
    policies = of_kind(items, "NetworkPolicy")
    pods = [(pod_labels(item), port_of(item)) for item in items if pod_spec(item)]
    known = {name_of(labels) for labels, _ in pods}
    open_to_all = {
        name_of(policy["spec"]["podSelector"]["matchLabels"])
        for policy in policies
        for rule in policy["spec"].get("ingress") or []
        if "from" not in rule
    }
    assert open_to_all <= {"apigw", "mqwriter"}, f"open to anywhere: {open_to_all}"
    seen = {
        (name_of(source), name_of(target))
        for source, _ in pods
        for target, port in pods
        if port and allows(policies, source, target, port, "out") and allows(policies, target, source, port, "in")
    }
    wanted = {arrow for arrow in ARROWS if set(arrow) <= known}
    assert seen == wanted, f"too many: {sorted(seen - wanted)}, missing: {sorted(wanted - seen)}"
    for labels, _ in pods:  # names must be found, and only what has a database may leave for one outside
        if name_of(labels) == "prompted-postgres":
            continue
        assert allows_dns(policies, labels), f"{name_of(labels)} cannot ask DNS"


def allows_dns(policies, own):
    return any(
        {"protocol": "UDP", "port": 53} in rule["ports"]
        for policy in policies
        if policy["spec"]["podSelector"]["matchLabels"].items() <= own.items()
        for rule in policy["spec"].get("egress") or []
    )

"""Plants faults in a good rendering; the rule for each must find it."""

import copy

import rules
import schema_check
from helm import manifests, named, of_kind, pod_spec, render
from matrix import EXTERNAL, FIXED


def deployment(items, service):
    return pod_spec(named(items, "Deployment", f"prompted-{service}"))


def set_env(items, service, name, value):
    env = deployment(items, service)["containers"][0]["env"]
    env[:] = [entry for entry in env if entry["name"] != name] + [{"name": name, "value": value}]


def policy(items, service):
    return named(items, "NetworkPolicy", f"prompted-{service}")["spec"]


FAULTS = [
    ("twice the same name", rules.names_are_unique, lambda items: items.append(items[0])),
    (
        "a writable root",
        rules.pods_are_restricted,
        lambda items: deployment(items, "apigw")["containers"][0]["securityContext"].update(
            readOnlyRootFilesystem=False
        ),
    ),
    (
        "a token",
        rules.pods_are_restricted,
        lambda items: deployment(items, "apigw").pop("automountServiceAccountToken"),
    ),
    (
        "a grace too short",
        rules.daemons_are_probed_and_drain,
        lambda items: set_env(items, "mqreader", "SHUTDOWN_GRACE", "20s"),
    ),
    ("another port", rules.daemons_are_probed_and_drain, lambda items: set_env(items, "mqreader", "PORT", "9000")),
    (
        "a daemon on loopback",
        rules.daemons_listen_beyond_loopback,
        lambda items: set_env(items, "mqreader", "LISTEN_ADDRESS", "127.0.0.1"),
    ),
    (
        "replicas beside an autoscaler",
        rules.scaling,
        lambda items: named(items, "HorizontalPodAutoscaler", "prompted-apigw")["spec"]["scaleTargetRef"].update(
            name="prompted-mqwriter"
        ),
    ),
    ("no budget", rules.scaling, lambda items: items.remove(named(items, "PodDisruptionBudget", "prompted-mqreader"))),
    (
        "a Service without pods",
        rules.services_reach_pods,
        lambda items: named(items, "Service", "prompted-apigw")["spec"]["selector"].update(
            {"app.kubernetes.io/name": "gone"}
        ),
    ),
    (
        "a collector at the balanced name",
        rules.urls_are_served,
        lambda items: set_env(items, "collector", "MQ_BASE_URL", "http://prompted-mqreader:8085"),
    ),
    (
        "a port that is not served",
        rules.urls_are_served,
        lambda items: set_env(items, "streamer", "MQ_BASE_URL", "http://prompted-mqwriter:8085"),
    ),
    (
        "a Secret that is not there",
        rules.references_exist,
        lambda items: items.remove(named(items, "Secret", "prompted-database")),
    ),
    (
        "a daemon that is the owner",
        rules.each_daemon_has_its_role,
        lambda items: deployment(items, "apigw")["containers"][0]["env"][0]["valueFrom"]["secretKeyRef"].update(
            key="uri"
        ),
    ),
    (
        "one password for two",
        rules.each_daemon_has_its_role,
        lambda items: named(items, "Secret", "prompted-database")["stringData"].update(
            {
                "password-apigw": "x",
                "uri-apigw": "postgres://prompted_apigw:x@",
                "password-mqwriter": "x",
                "uri-mqwriter": "postgres://prompted_mqwriter:x@",
            }
        ),
    ),
    (
        "no wait for the schema",
        rules.nothing_waits_for_what_is_not_made_yet,
        lambda items: deployment(items, "collector").pop("initContainers"),
    ),
    (
        "an older migration",
        rules.nothing_waits_for_what_is_not_made_yet,
        lambda items: named(items, "ConfigMap", "prompted-migrate")["data"].popitem(),
    ),
    (
        "a hook beside the bundled database",
        rules.nothing_waits_for_what_is_not_made_yet,
        lambda items: of_kind(items, "Job")[0]["metadata"].update(annotations={"helm.sh/hook": "pre-install"}),
    ),
    ("an arrow too many", rules.network, lambda items: policy(items, "postgres")["ingress"][0].pop("from")),
    ("an arrow missing", rules.network, lambda items: policy(items, "mqreader")["egress"].pop()),
    ("no DNS", rules.network, lambda items: policy(items, "streamer")["egress"].pop(0)),
    (
        "a misspelt field",
        lambda items: [schema_check.check(item, "1.30") for item in items],
        lambda items: deployment(items, "apigw").update(terminationGracePeriod=3),
    ),
]
EXTERNAL_FAULTS = [
    (
        "a hook that needs a later Secret",
        rules.nothing_waits_for_what_is_not_made_yet,
        lambda items: pod_spec(of_kind(items, "Job")[0])["containers"][0]["env"][0]["valueFrom"]["secretKeyRef"].update(
            name="later"
        ),
    ),
    (
        "an ordinary Job",
        rules.nothing_waits_for_what_is_not_made_yet,
        lambda items: of_kind(items, "Job")[0]["metadata"].pop("annotations"),
    ),
    (
        "an average divided twice",
        lambda items: [schema_check.check(item, "1.30") for item in items],
        lambda items: of_kind(items, "ScaledObject")[0]["spec"]["triggers"][0].update(metricType="AverageValue"),
    ),
]


def check():
    """Returns the number of faults; raises if one is not found."""
    bundled = manifests(render("umbrella", (*FIXED, "--set", "apigw.hpa.enabled=true"), "1.33"))
    external = manifests(render("umbrella", (*EXTERNAL, "--set", "mqwriter.keda.enabled=true"), "1.33"))
    for good, faults in ((bundled, FAULTS), (external, EXTERNAL_FAULTS)):
        for name, rule, plant in faults:
            rule(good)
            bad = copy.deepcopy(good)
            plant(bad)
            try:
                rule(bad)
            except AssertionError:
                continue
            raise AssertionError(f"planted, but not found: {name}")
    return len(FAULTS) + len(EXTERNAL_FAULTS)

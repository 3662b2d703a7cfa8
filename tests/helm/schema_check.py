"""Manifests against the Kubernetes schemas; kinds that Kubernetes does not have, by hand."""

import functools
import json

import kubernetes_validate
import kubernetes_validate.utils

# The package reads a schema's files anew for every manifest.
kubernetes_validate.utils.schema_contents = functools.cache(kubernetes_validate.utils.schema_contents)


@functools.cache
def _validate(text, version):
    kubernetes_validate.validate(json.loads(text), version, strict=True)


def scaled_object(item):
    spec = item["spec"]
    assert set(spec) == {
        "scaleTargetRef",
        "minReplicaCount",
        "maxReplicaCount",
        "pollingInterval",
        "cooldownPeriod",
        "fallback",
        "advanced",
        "triggers",
    }, sorted(spec)
    assert spec["minReplicaCount"] == 1 <= spec["maxReplicaCount"]
    assert set(spec["fallback"]) == {"failureThreshold", "replicas", "behavior"}
    (trigger,) = spec["triggers"]
    assert trigger["type"] == "metrics-api" and trigger["metricType"] == "Value"
    metadata = trigger["metadata"]
    assert all(isinstance(value, str) for value in metadata.values()), "a trigger's metadata are strings"
    assert metadata["aggregateFromKubeServiceEndpoints"] == "true" and float(metadata["targetValue"]) > 0
    assert metadata["valueLocation"] == "buffer_utilization" and metadata["url"].endswith("/metrics/buffer")
    assert metadata["url"].startswith(f"http://{item['metadata']['name']}.telemetry."), (
        "name, then namespace: KEDA splits it"
    )


def service_monitor(item):
    assert set(item["spec"]) == {"selector", "endpoints"}
    (endpoint,) = item["spec"]["endpoints"]
    assert endpoint["port"] == "http" and endpoint["path"] == "/metrics" and endpoint["interval"]
    assert item["spec"]["selector"]["matchLabels"]


BY_HAND = {
    ("keda.sh/v1alpha1", "ScaledObject"): scaled_object,
    ("monitoring.coreos.com/v1", "ServiceMonitor"): service_monitor,
}


def check(item, version):
    """Raises with the manifest's name and the reason."""
    by_hand = BY_HAND.get((item["apiVersion"], item["kind"]))
    try:
        if by_hand:
            by_hand(item)
        else:
            _validate(json.dumps(item, sort_keys=True), version)
    except Exception as error:
        where = ".".join(map(str, getattr(error, "path", [])))
        reason = getattr(error, "message", None) or str(error) or repr(error)
        raise AssertionError(
            f"{item['kind']} {item['metadata']['name']} in {version}: {where} {reason[:300]}"
        ) from error

"""The examples for Prometheus in docs/metrics.md fit the manifests: it meets every replica."""

import yaml

from tests.architecture.fences import ROOT, blocks
from tests.architecture.test_deploy import read

TEMPLATE = read("kubernetes/deployment.yaml")["spec"]["template"]
NAMESPACE = read("kubernetes/namespace.yaml")["metadata"]["name"]


def scraping(wanted):
    """The example in docs/metrics.md that has this key, whole, and the part below the key."""
    for _, text in (block for block in blocks(ROOT / "docs" / "metrics.md") if block[0] == "yaml"):
        example = yaml.safe_load(text)
        part = example if wanted in example else example.get("scrape_configs", [{}])[0]
        if wanted in part:
            return part, part[wanted]
    raise AssertionError(wanted)


def test_prometheus_finds_the_pods_by_their_label_and_port():
    (container,) = TEMPLATE["spec"]["containers"]
    part, (asked,) = scraping("kubernetes_sd_configs")
    assert asked == {"role": "pod", "namespaces": {"names": [NAMESPACE]}}
    (label,) = TEMPLATE["metadata"]["labels"].items()
    kept = part["relabel_configs"][0]
    written = "".join(char if char.isalnum() else "_" for char in label[0])
    assert kept["source_labels"][0] == f"__meta_kubernetes_pod_label_{written}"
    assert kept["regex"] == f"{label[1]};{container['ports'][0]['name']}"
    _, monitor = scraping("spec")
    assert tuple(monitor["selector"]["matchLabels"].items()) == (label,)
    assert monitor["podMetricsEndpoints"] == [{"port": container["ports"][0]["name"]}]


def test_prometheus_finds_each_pod_by_name_ready_or_not():
    (container,) = TEMPLATE["spec"]["containers"]
    _, (asked,) = scraping("dns_sd_configs")
    service = read("kubernetes/service-pods.yaml")
    assert asked["names"] == [f"{service['metadata']['name']}.{NAMESPACE}.svc.cluster.local"]
    assert asked["port"] == container["ports"][0]["containerPort"]
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["publishNotReadyAddresses"] is True

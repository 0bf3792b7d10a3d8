"""What the chart becomes is what Kubernetes takes, lets only the gateway reach the engine, and gives no pod
more than it needs.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from gateway.config_file import load_config
from tests.deploy.chart import RENDERED, digest, documents, render, values

HELM = pytest.mark.skipif(find_spec("helm_python") is None, reason="Helm's engine has no wheel here")
Object = dict[str, Any]


def of_kind(*kinds: str) -> Iterator[Object]:
    return (document for document in documents() if document["kind"] in kinds)


def component(labels: Object) -> str:
    name: str = labels["app.kubernetes.io/component"]
    return name


def pods() -> dict[str, Object]:
    """By component, what its pods are."""
    made = of_kind("Deployment", "StatefulSet")
    return {component(one["metadata"]["labels"]): one["spec"]["template"]["spec"] for one in made}


def containers() -> list[Object]:
    return [one for pod in pods().values() for one in (*pod.get("initContainers", ()), *pod["containers"])]


def who_reaches(target: str) -> list[tuple[list[str], list[int]]]:
    """By rule of its network policy: components, and ports."""
    (policy,) = (one for one in of_kind("NetworkPolicy") if component(one["metadata"]["labels"]) == target)
    assert component(policy["spec"]["podSelector"]["matchLabels"]) == target
    assert "Ingress" in policy["spec"]["policyTypes"]
    return [
        (
            [component(peer["podSelector"]["matchLabels"]) for peer in rule["from"]],
            [port["port"] for port in rule["ports"]],
        )
        for rule in policy["spec"]["ingress"]
    ]


def secrets(container: Object) -> set[str]:
    asked = (one["valueFrom"]["secretKeyRef"] for one in container.get("env", ()) if "valueFrom" in one)
    return {f"{one['name']}/{one['key']}" for one in asked}


def test_the_rendering_is_of_this_chart() -> None:
    assert RENDERED.read_text().splitlines()[0] == f"# Of {digest()}", "run: python -m tests.deploy.chart"


@HELM
def test_helm_renders_it_so() -> None:
    assert RENDERED.read_text().split("\n", 1)[1] == render(values())


@HELM
@pytest.mark.parametrize(
    "missing", ["policy", "keys", "secrets.gateway", "secrets.ledger", "admin.keys", "engine.model.claim"]
)
def test_what_must_be_given_is_asked_for(missing: str) -> None:
    given = values()
    *above, last = missing.split(".")
    part = given
    for name in above:
        part = part[name]
    part[last] = None
    with pytest.raises(Exception, match=f"{missing}: expected"):
        render(given)


@pytest.mark.parametrize("version", ["1.29", "1.33"])
def test_kubernetes_takes_it(version: str) -> None:
    found = documents()
    for document in found:
        kubernetes_validate.validate(document, version, strict=True)
    assert len(found) > 10


def test_only_the_gateway_reaches_the_engine() -> None:
    assert who_reaches("engine") == [(["gateway"], [8000])]
    (policy,) = (one for one in of_kind("NetworkPolicy") if one["metadata"]["name"] == "unsay-engine")
    assert policy["spec"]["egress"] == []
    assert "Egress" in policy["spec"]["policyTypes"]


def test_the_database_is_reached_by_who_needs_it_and_the_admin_api_by_nobody() -> None:
    assert who_reaches("postgres") == [(["gateway", "admin"], [5432])]
    assert who_reaches("admin") == []


def test_every_pod_has_a_network_policy() -> None:
    policies = {component(one["metadata"]["labels"]) for one in of_kind("NetworkPolicy")}
    assert policies == set(pods()) == {"gateway", "engine", "admin", "postgres"}


def test_no_pod_is_root_or_speaks_to_the_cluster() -> None:
    for pod in pods().values():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False


def test_no_container_may_write_where_it_runs_or_become_more() -> None:
    for container in containers():
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


def test_the_admin_api_alone_can_sign_the_ledger() -> None:
    holders = [one["name"] for one in containers() if "unsay-ledger/ledger-key" in secrets(one)]
    assert holders == ["admin"]


def test_the_engine_gets_no_password() -> None:
    (engine,) = (one for one in containers() if one["name"] == "engine")
    assert secrets(engine) == {"unsay-gateway/index-key"}


def test_the_admin_api_has_a_snapshot_to_compile_beside(tmp_path: Path) -> None:
    (made,) = pods()["admin"]["initContainers"]
    (secret,) = of_kind("Secret")
    (tmp_path / "unsay.yaml").write_text(secret["stringData"]["unsay.yaml"])
    config = load_config(tmp_path / "unsay.yaml")
    assert made["args"][:2] == ["index", "build"]
    assert made["args"][made["args"].index("--out") + 1] == str(config.snapshot)


def test_a_new_policy_begins_who_reads_it_anew() -> None:
    for one in of_kind("Deployment", "StatefulSet"):
        who, annotations = component(one["metadata"]["labels"]), one["spec"]["template"]["metadata"]
        assert ("unsay/policy" in annotations.get("annotations", {})) is (who != "postgres")


def test_gateways_scale_and_go_one_at_a_time() -> None:
    (scaler,), (budget,) = of_kind("HorizontalPodAutoscaler"), of_kind("PodDisruptionBudget")
    (gateway,) = (one for one in of_kind("StatefulSet") if one["metadata"]["name"] == "unsay-gateway")
    assert scaler["spec"]["scaleTargetRef"]["name"] == "unsay-gateway"
    assert "replicas" not in gateway["spec"], "an upgrade would undo what the scaler did"
    assert budget["spec"]["maxUnavailable"] == 1


def test_the_gateway_takes_the_settings(tmp_path: Path) -> None:
    (secret,) = of_kind("Secret")
    (tmp_path / "unsay.yaml").write_text(secret["stringData"]["unsay.yaml"])
    config = load_config(tmp_path / "unsay.yaml")
    services = {one["metadata"]["name"] for one in of_kind("Service")}
    assert config.upstream.base_url == "http://unsay-engine:8000/v1"
    assert config.ledger is not None
    assert config.ledger.url == "postgresql://unsay@unsay-postgres/unsay"
    assert {"unsay-engine", "unsay-postgres"} <= services
    assert config.audit.key is not None

"""The files for operators say what the program does: its variables, its port, its probes, its commands."""

import re
import tomllib
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from typer.testing import CliRunner

from bot import __version__, policy_settings, settings
from bot.cli.main import app
from bot.cli.serve import GRACE
from bot.configuration import Configuration
from bot.ops.health import PATIENCE, Health
from bot.ops.metrics import Metrics

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
CLOUD = {"HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"}
VARIABLES = {name.upper() for name in settings.Environment.model_fields} | CLOUD
LONGEST_STOP = 10
"""Seconds that `serve` may take in all, of which GRACE for what is under way."""
IMAGE = f"rds-restore-bot:{__version__}"


def found(pattern):
    """The groups of the one place in the Dockerfile."""
    match = re.search(pattern, DOCKERFILE, re.MULTILINE)
    assert match is not None, pattern
    return match.groups()


def read(name):
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


@pytest.fixture
def pod():
    return read("kubernetes/deployment.yaml")["spec"]["template"]["spec"]


@pytest.fixture
def container(pod):
    (container,) = pod["containers"]
    return container


@pytest.fixture
def compose():
    return read("compose.yaml")


def image_environment():
    (block,) = found(r"^ENV (PATH=(?:.+\\\n)*.+)\n")
    pairs = (pair.partition("=") for pair in block.replace("\\\n", " ").split())
    return {name: value for name, _, value in pairs}


def assert_are_settings(names):
    assert names
    assert {name.removesuffix("_FILE") for name in names} - VARIABLES == set()


async def as_they_are():
    """Figures that nothing brings up to date."""


def paths():
    return {route.path for route in Health({}, Metrics("1"), as_they_are).routes()}


# The image


def test_the_image_sets_only_settings_and_no_secret():
    environment = image_environment()
    ours = {name: value for name, value in environment.items() if name != "PATH" and not name.startswith("PYTHON")}
    assert_are_settings(ours)
    # A value in the image would win over the operator's NAME_FILE, and quietly.
    assert set(ours) == {"HOST", "PORT", "LOG_FORMAT", "RDS_RESTORE_CONFIG"}
    assert int(ours["PORT"]) == settings.Environment.model_fields["port"].default


def test_the_image_runs_under_a_number_that_is_not_root():
    user, group = found(r"^USER (\d+):(\d+)$")
    assert int(user) >= 10000
    assert int(group) >= 10000
    assert f"--uid {user} --gid {group}" in DOCKERFILE


def test_the_image_is_pinned_and_installs_only_what_is_locked():
    assert re.search(r"^ARG PYTHON=python:\d+\.\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?$", DOCKERFILE, re.MULTILINE)
    assert all(line in {"FROM ${PYTHON}", "FROM ${PYTHON} AS build"} for line in re.findall(r"^FROM .+", DOCKERFILE, re.M))
    installs = re.findall(r"pip [^&]*?install [^&\n]*", DOCKERFILE)
    assert len(installs) == 3
    assert all("--require-hashes" in each or "--no-deps /dist/" in each for each in installs)
    assert f"ARG VERSION={__version__}\n" in DOCKERFILE


def test_what_the_build_copies_is_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line[1:].split("/")[0] for line in ignored if line.startswith("!")}
    copied = {name for line in re.findall(r"^COPY (?!--from)(.+)", DOCKERFILE, re.M) for name in line.split()[:-1]}
    assert "*" in ignored
    assert copied == kept


def test_the_base_of_the_image_can_read_the_lock():
    (python,) = found(r"^ARG PYTHON=python:(\d+\.\d+)")
    assert f'"Programming Language :: Python :: {python}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"/usr/local/lib/python{python}/" in DOCKERFILE


# Compose


def test_compose_uses_settings_and_secrets_that_there_are(compose):
    bot = compose["services"]["bot"]
    assert bot["image"] == IMAGE
    assert_are_settings(bot["environment"])
    given = {Path(value).name for value in bot["environment"].values()}
    assert given == set(bot["secrets"]) <= set(compose["secrets"])
    assert {each["target"] for each in bot["configs"]} == {image_environment()["RDS_RESTORE_CONFIG"]}
    assert bot["ports"] == ["127.0.0.1:3000:{}".format(image_environment()["PORT"])]


@pytest.mark.parametrize("service", ["bot", "postgres"])
def test_compose_gives_no_more_rights_than_needed(compose, service):
    wanted = compose["services"][service]
    assert wanted["read_only"] is True
    assert wanted["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in wanted["security_opt"]
    assert not re.search(
        r"(password|token|secret)[^\n]*: *[^/\s]", str(wanted["environment"]).lower().replace("'", "").replace(",", "\n")
    )


def test_compose_waits_until_the_bot_has_stopped(compose):
    assert int(compose["services"]["bot"]["stop_grace_period"].removesuffix("s")) > LONGEST_STOP > GRACE


# Kubernetes


@pytest.mark.parametrize("path", [path for path in MANIFESTS if path.stem != "kustomization"], ids=lambda path: path.stem)
def test_manifests_keep_to_the_schemas_of_kubernetes(path):
    kubernetes_validate.validate(yaml.safe_load(path.read_text(encoding="utf-8")), "1.34", strict=True)


def test_the_kustomization_names_every_manifest_but_the_example():
    kustomization = read("kubernetes/kustomization.yaml")
    files = {path.name for path in MANIFESTS} - {"kustomization.yaml", "secret.example.yaml"}
    assert set(kustomization["resources"]) == files
    assert [(image["name"], image["newTag"]) for image in kustomization["images"]] == [("rds-restore-bot", __version__)]


def test_kubernetes_uses_settings_and_secrets_that_there_are(pod, container):
    assert container["image"] == IMAGE
    values = {entry["name"]: entry["value"] for entry in container["env"]}
    assert_are_settings(values)
    secret = read("kubernetes/secret.example.yaml")
    assert {Path(value).name for name, value in values.items() if name.endswith("_FILE")} == set(secret["stringData"])
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert all(value.startswith(mounts["secrets"] + "/") for name, value in values.items() if name.endswith("_FILE"))
    config = read("kubernetes/configmap.yaml")
    assert values["RDS_RESTORE_CONFIG"] == "{}/{}".format(mounts["config"], *config["data"])
    assert set(mounts) == {volume["name"] for volume in pod["volumes"]}


def test_the_example_configuration_of_kubernetes_is_one():
    (text,) = read("kubernetes/configmap.yaml")["data"].values()
    configuration = Configuration.model_validate(tomllib.loads(text))
    assert all(isinstance(policy, policy_settings.PolicySettings) for policy in configuration.policies)


def test_the_probes_ask_what_is_answered(container):
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[name]["httpGet"]["path"].partition("?")[0] in paths()
        assert container[name]["httpGet"]["port"] == container["ports"][0]["name"]
    # Slack's clicks come to ready pods only, and the bot answers them while the cloud is away.
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz?once=slack,cloud"
    # A restart mends nothing that lies outside of the process.
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["timeoutSeconds"] > PATIENCE
    assert str(container["ports"][0]["containerPort"]) == {e["name"]: e["value"] for e in container["env"]}["PORT"]


def test_kubernetes_waits_until_the_bot_has_stopped(pod, container):
    pause = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] > pause + LONGEST_STOP


def test_the_pod_is_restricted(pod, container):
    """The points of the Pod Security Standard "restricted", and a read-only root."""
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f"USER {pod['securityContext']['runAsUser']}:" in DOCKERFILE
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert pod["automountServiceAccountToken"] is False
    assert not any("hostPath" in volume for volume in pod["volumes"])


def test_all_manifests_mean_the_same_pods(pod):
    labels = read("kubernetes/deployment.yaml")["spec"]["template"]["metadata"]["labels"]
    assert read("kubernetes/deployment.yaml")["spec"]["selector"]["matchLabels"] == labels
    assert read("kubernetes/service.yaml")["spec"]["selector"] == labels
    assert read("kubernetes/service-pods.yaml")["spec"]["selector"] == labels
    assert read("kubernetes/poddisruptionbudget.yaml")["spec"]["selector"]["matchLabels"] == labels
    assert read("kubernetes/networkpolicy.yaml")["spec"]["podSelector"]["matchLabels"] == labels
    assert all(each["labelSelector"]["matchLabels"] == labels for each in pod["topologySpreadConstraints"])


def test_the_network_policy_lets_out_only_what_is_needed():
    policy = read("kubernetes/networkpolicy.yaml")["spec"]
    assert {port["port"] for rule in policy["egress"] for port in rule["ports"]} == {53, 443, 5432}
    assert {port["port"] for rule in policy["ingress"] for port in rule["ports"]} == {3000}


def test_the_options_of_the_network_policy_are_rules():
    text = (DEPLOY / "kubernetes" / "networkpolicy.yaml").read_text(encoding="utf-8")
    policy = yaml.safe_load(re.sub(r"^    #(?=- |  )", "    ", text, flags=re.MULTILINE))
    kubernetes_validate.validate(policy, "1.34", strict=True)
    assert {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]} == {53, 443, 5432, 4318, 3128}


def test_the_secret_is_made_of_the_keys_that_the_pod_reads():
    made = re.findall(r"> secrets/([\w-]+)", (DEPLOY / "kubernetes.md").read_text(encoding="utf-8"))
    assert set(made) == set(read("kubernetes/secret.example.yaml")["stringData"])


def test_every_place_gives_the_memory_that_was_measured(compose, container):
    (limit,) = re.findall(r"a limit of (\d+) MB", (ROOT / "docs" / "performance.md").read_text(encoding="utf-8"))
    unit = (DEPLOY / "rds-restore-bot.service").read_text(encoding="utf-8")
    assert compose["services"]["bot"]["mem_limit"] == f"{limit}m"
    assert container["resources"]["limits"] == {"memory": f"{limit}Mi"}
    assert f"\nMemoryMax={limit}M\n" in unit
    assert f"--memory {limit}m " in (DEPLOY / "docker.md").read_text(encoding="utf-8")


# What the pages tell to type


@pytest.mark.parametrize("page", [*sorted(DEPLOY.glob("*.md")), ROOT / "docs" / "runbook.md"], ids=lambda path: path.stem)
def test_every_command_in_the_pages_is_one(page):
    text = page.read_text(encoding="utf-8")
    for line in re.findall(
        r"rds-restore-bot(?:-run|:[\d.]+)? (serve|check|audit|requests|manifest|demo)((?: [a-z]+\b)?)", text
    ):
        words = [word.strip() for word in line if word.strip()]
        if words[0] not in {"audit", "requests"}:
            words = words[:1]
        assert CliRunner().invoke(app, [*words, "--help"]).exit_code == 0, words


@pytest.mark.parametrize("page", sorted(DEPLOY.glob("*.md")), ids=lambda path: path.stem)
def test_every_file_that_the_pages_name_is_there(page):
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists(), link


def test_the_pages_name_the_file_that_the_unit_makes():
    """By default it lies in the working directory, which the unit sets to its state directory."""
    unit = (DEPLOY / "rds-restore-bot.service").read_text(encoding="utf-8")
    directory = re.search(r"^WorkingDirectory=%S/(\S+)$", unit, re.MULTILINE)
    assert directory is not None
    assert "DATABASE_URL=" not in unit
    file = settings.Environment.model_fields["database_url"].default.get_secret_value().rpartition("/")[2]
    pages = [ROOT / "docs" / name for name in ("install.md", "runbook.md", "deploy/upgrade.md", "deploy/systemd.md")]
    named = {page.name: set(re.findall(r"/var/lib/[\w./-]+\.db\b", page.read_text(encoding="utf-8"))) for page in pages}
    assert named == {page.name: {f"/var/lib/{directory[1]}/{file}"} for page in pages}
    assert not re.search(r"(?<![\w-])bot\.db", "".join(page.read_text(encoding="utf-8") for page in pages))

"""What `deploy/` says, as far as it can be judged without Docker and a cluster: schemas, names, references.

The published schemas of Compose, of Kubernetes and of workflows, and Dagster's own, judge what is set. That
Docker and a cluster take it is not shown, as the docs say.
"""

from __future__ import annotations

import copy
import re
from typing import Any

import kubernetes_validate
import pytest
import yaml  # type: ignore[import-untyped]
from check_jsonschema.builtin_schemas import get_builtin_schema
from dagster._core.instance.config import dagster_instance_config_schema
from jsonschema import validators

from aina_assets.core.settings import PROJECT_ROOT, Settings
from tools.make_docs import OUTSIDE

DEPLOY = PROJECT_ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
VALUES = yaml.safe_load((DEPLOY / "kubernetes" / "values.yaml").read_text("utf-8"))
CLAIM = yaml.safe_load((DEPLOY / "kubernetes" / "claim.yaml").read_text("utf-8"))
INSTANCE = yaml.safe_load((DEPLOY / "dagster.yaml").read_text("utf-8"))
OURS = ("code", "webserver", "daemon")


def faults_of(held: Any, published: str) -> list[str]:
    """What a published schema says against a file."""
    schema = get_builtin_schema(f"vendor.{published}")
    return [error.json_path for error in validators.validator_for(schema)(schema).iter_errors(held)]


def test_compose_holds_to_the_published_specification() -> None:
    assert faults_of(COMPOSE, "compose-spec") == []
    wrong = copy.deepcopy(COMPOSE)
    wrong["services"]["code"]["comand"] = "serve"
    wrong["services"]["daemon"]["healthcheck"] = {"interval": [5]}
    assert {path.split(".")[2] for path in faults_of(wrong, "compose-spec")} == {"code", "daemon"}


def test_compose_has_the_four_services_and_what_they_refer_to() -> None:
    assert set(COMPOSE["services"]) == {"postgres", *OURS}
    for name, service in COMPOSE["services"].items():
        for volume in service.get("volumes", ()):
            assert volume.split(":")[0] in COMPOSE["volumes"]
        for other, condition in service.get("depends_on", {}).items():
            assert "healthcheck" in COMPOSE["services"][other], (
                f"{name} waits for {other}, which never says it is well"
            )
            assert condition == {"condition": "service_healthy"}


def test_the_workflows_hold_to_their_published_schema() -> None:
    for path in (PROJECT_ROOT / ".github" / "workflows").iterdir():
        held = yaml.safe_load(path.read_text("utf-8"))
        # YAML 1.1 takes the key `on` for a boolean.
        held["on"] = held.pop(True)
        assert all(job["timeout-minutes"] <= 90 for job in held["jobs"].values())
        assert faults_of(held, "github-workflows") == []


def test_the_image_is_built_from_files_that_are_there() -> None:
    for name in OURS:
        build = COMPOSE["services"][name]["build"]
        context = (DEPLOY / build["context"]).resolve()
        assert context == PROJECT_ROOT
        assert (context / build["dockerfile"]).is_file()
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    for copied in re.findall(r"^COPY(?: --\S+)? (\S+) ", dockerfile, re.MULTILINE):
        assert (PROJECT_ROOT / copied).exists()


def test_nothing_is_published_beyond_this_host() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", ())]
    assert ports == ["127.0.0.1:3000:3000"]
    assert VALUES["ingress"] == {"enabled": False}
    assert VALUES["dagsterWebserver"]["service"]["type"] == "ClusterIP"


def test_no_secret_is_written_down() -> None:
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name or "://" in str(value):
                assert "${AINA_POSTGRES_PASSWORD:?" in str(value)
    assert VALUES["generatePostgresqlPasswordSecret"] is False


def test_every_variable_is_one_that_something_reads() -> None:
    known = {f"AINA_{name.upper()}" for name in Settings.model_fields} | {name for name, _, _ in OUTSIDE}
    text = "".join(path.read_text("utf-8") for path in DEPLOY.rglob("*") if path.is_file())
    assert set(re.findall(r"\bAINA_[A-Z_]+[A-Z]\b", text)) <= known


def test_the_instance_keeps_to_dagsters_schema() -> None:
    known = set(dagster_instance_config_schema())
    assert set(INSTANCE) <= known | {"storage"}
    assert INSTANCE["telemetry"] == {"enabled": False}
    limits = INSTANCE["run_coordinator"]["config"]["tag_concurrency_limits"]
    chart = VALUES["dagsterDaemon"]["runCoordinator"]["config"]["queuedRunCoordinator"][
        "tagConcurrencyLimits"
    ]
    assert limits == chart


def test_runs_that_make_the_whole_state_carry_the_tag_that_is_limited() -> None:
    from aina_assets_tests.graph import definitions

    (limited,) = [
        limit
        for limit in INSTANCE["run_coordinator"]["config"]["tag_concurrency_limits"]
        if limit["key"] == "aina/makes"
    ]
    for name in ("rebuild_all", "review_wave", "refresh_sources"):
        assert definitions().resolve_job_def(name).tags["aina/makes"] == limited["value"]


def test_a_run_in_a_pod_is_launched_as_dagsters_launcher_takes_it() -> None:
    launcher = pytest.importorskip("dagster_k8s", reason="pip install -r requirements-deploy.lock gives it")
    from dagster._config import process_config, resolve_to_config_type

    given = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
    config = {
        "service_account_name": "aina",
        "dagster_home": "/opt/dagster/dagster_home",
        "instance_config_map": "dagster-instance",
        "postgres_password_secret": VALUES["global"]["postgresqlSecretName"],
        "load_incluster_config": given["loadInclusterConfig"],
        "image_pull_policy": given["imagePullPolicy"],
        "env_vars": given["envVars"],
        "volumes": given["volumes"],
        "volume_mounts": given["volumeMounts"],
        "resources": given["resources"],
        "run_k8s_config": {
            "pod_spec_config": given["runK8sConfig"]["podSpecConfig"],
            "container_config": given["runK8sConfig"]["containerConfig"],
            "job_spec_config": given["runK8sConfig"]["jobSpecConfig"],
        },
    }
    judged: Any = process_config(resolve_to_config_type(launcher.K8sRunLauncher.config_type()), config)
    assert judged.success, judged.errors
    assert set(given) == {
        *("imagePullPolicy", "loadInclusterConfig", "envVars", "volumes"),
        *("volumeMounts", "resources", "runK8sConfig"),
    }


def job_of_a_run() -> dict[str, Any]:
    """The Kubernetes job of a run, put together of the values as the launcher does."""
    given = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
    extra = given["runK8sConfig"]
    container = {
        "name": "dagster",
        "image": "aina:local",
        "imagePullPolicy": given["imagePullPolicy"],
        "env": [dict(zip(("name", "value"), told.split("="), strict=True)) for told in given["envVars"]],
        "volumeMounts": given["volumeMounts"],
        "resources": given["resources"],
        **extra["containerConfig"],
    }
    pod = {
        "restartPolicy": "Never",
        "containers": [container],
        "volumes": given["volumes"],
        **extra["podSpecConfig"],
    }
    spec = {"template": {"spec": pod}, **extra["jobSpecConfig"]}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "run"}, "spec": spec}


def test_what_goes_to_a_cluster_holds_to_the_published_schemas_of_kubernetes() -> None:
    version = kubernetes_validate.latest_version()
    for held in (CLAIM, job_of_a_run()):
        kubernetes_validate.validate(held, version, strict=True)
    wrong = job_of_a_run()
    wrong["spec"]["template"]["spec"]["automountToken"] = False
    with pytest.raises(kubernetes_validate.ValidationError, match="automountToken"):
        kubernetes_validate.validate(wrong, version, strict=True)


def test_every_pod_mounts_the_same_claim() -> None:
    assert CLAIM["spec"]["accessModes"] == ["ReadWriteMany"]
    name = CLAIM["metadata"]["name"]
    (deployment,) = VALUES["dagster-user-deployments"]["deployments"]
    for volumes in (VALUES["runLauncher"]["config"]["k8sRunLauncher"]["volumes"], deployment["volumes"]):
        assert [volume["persistentVolumeClaim"]["claimName"] for volume in volumes] == [name]


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (PROJECT_ROOT / lock).read_text("utf-8"), re.MULTILINE))


def test_what_needs_postgres_is_kept_apart_from_what_everybody_installs() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert "psycopg" not in (PROJECT_ROOT / name).read_text("utf-8")


@pytest.mark.parametrize(
    ("wider", "narrower"),
    [
        ("requirements-deploy.lock", "requirements.lock"),
        ("requirements-dev.lock", "requirements.lock"),
        ("deploy/lake/requirements-test.lock", "deploy/lake/requirements.lock"),
    ],
)
def test_what_is_tested_is_what_is_installed(wider: str, narrower: str) -> None:
    expected = pins(narrower)
    assert expected
    assert {name: pins(wider).get(name) for name in expected} == expected

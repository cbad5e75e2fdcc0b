"""The profile for many, as far as one machine can run it: Dagster's storage in PostgreSQL, workers at once.

Belongs here: what `deploy/` says, run. Does not: what only a cluster can show (see `test_profile`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets_tests.builds import Build, parts, table_digests
from aina_assets_tests.learning.records import test_postgres

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
server = test_postgres.server
DEPLOY = PROJECT_ROOT / "deploy"
BATCHED = ("title", "title_exact_candidate", "title_level", "title_retrieved_candidate")
MADE = ",".join(BATCHED)
ASKS = """
import json, sys
import dagster as dg
with dg.DagsterInstance.get() as instance:
    storages = (instance.run_storage, instance.event_log_storage, instance.schedule_storage)
    names = sys.argv[1].split(",")
    print(json.dumps({
        "storages": [type(storage).__name__ for storage in storages],
        "runs": sorted(run.status.value for run in instance.get_runs()),
        "partitions": {n: sorted(instance.get_materialized_partitions(dg.AssetKey(n))) for n in names},
    }))
"""


@pytest.fixture
def environment(server: str, starter_build: Build, tmp_path: Path) -> dict[str, str]:
    """A data root that all workers share, and an instance that `deploy/dagster.yaml` configures."""
    pytest.importorskip("dagster_postgres", reason="pip install -r requirements-deploy.lock gives it")
    socket = parse_qs(urlsplit(server).query)["unix_sock"][0]
    home, data = tmp_path / "home", tmp_path / "data"
    home.mkdir()
    shutil.copy(DEPLOY / "dagster.yaml", home)
    shutil.copytree(starter_build.engine.data.path, data)
    (data / "dagster").mkdir(exist_ok=True)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AINA_", "DAGSTER_"))}
    return clean | {
        "DAGSTER_HOME": str(home),
        "AINA_POSTGRES_URL": f"postgresql+psycopg2://aina@/postgres?host={Path(socket).parent}",
        "AINA_DATA": str(data),
        "AINA_DAGSTER_STORAGE": str(data / "dagster"),
        "AINA_RUNS_AT_ONCE": "4",
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }


def dagster(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    program = str(Path(sys.executable).with_name("dagster"))
    return subprocess.Popen(
        [program, *arguments],
        env=environment,
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_two_workers_make_batches_of_the_same_tables_at_once(
    environment: dict[str, str], starter_build: Build
) -> None:
    data, keys = Path(environment["AINA_DATA"]), ("00", "01", "02", "03")
    files = [data / "tables" / name / f"{key}.parquet" for name in BATCHED for key in keys]
    # Whose code made them is forgotten: they count as stale, and stand until they are made anew.
    for path in files:
        (data / "tables" / ".made" / path.parent.name / f"{path.stem}.json").unlink()
    start = time.time()
    # Each worker makes its batches one after the other; the two run beside each other all the time.
    for pair in (keys[:2], keys[2:]):
        workers = [
            dagster(
                environment,
                "asset",
                "materialize",
                "--select",
                MADE,
                "--partition",
                key,
                "-m",
                "aina_assets.definitions",
            )
            for key in pair
        ]
        for worker in workers:
            told, _ = worker.communicate(timeout=300)
            assert worker.returncode == 0, told[-3000:]
    assert table_digests(data) == table_digests(starter_build.engine.data.path)
    assert all(path.stat().st_mtime > start for path in files)
    assert parts(data) == []
    asked = subprocess.run(
        [sys.executable, "-c", ASKS, MADE], env=environment, capture_output=True, text=True, check=True
    )
    told = json.loads(asked.stdout.splitlines()[-1])
    assert told["storages"] == ["PostgresRunStorage", "PostgresEventLogStorage", "PostgresScheduleStorage"]
    assert told["runs"] == ["SUCCESS"] * len(keys)
    assert told["partitions"] == {name: list(keys) for name in BATCHED}

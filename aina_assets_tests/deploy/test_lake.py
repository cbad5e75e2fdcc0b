"""The lake: every table published, its catalog in PostgreSQL, its files in a folder or in an object store.

The store is one on this machine that speaks S3: it shows addresses, the secret and the writing, not Amazon.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.learning.records.schema import open_engine
from aina_assets_tests.builds import Build
from aina_assets_tests.learning.records import test_postgres
from aina_assets_tests.learning.records.test_postgres import program
from benchmarks.service.server import free_port

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
server = test_postgres.server
PUBLISH = PROJECT_ROOT / "deploy" / "lake" / "publish.py"
MOST_SECONDS = 60
SECRET = "not-told-to-anybody"
WRITER = {"AWS_ACCESS_KEY_ID": "writer", "AWS_SECRET_ACCESS_KEY": SECRET}


@pytest.fixture(scope="module")
def python() -> str:
    """The Python of the lake's environment."""
    told = os.environ.get("AINA_LAKE_PYTHON", "")
    if not told:
        pytest.skip("AINA_LAKE_PYTHON names no Python with deploy/lake/requirements-test.lock")
    return told


@pytest.fixture
def catalog(server: str) -> str:
    """Where a catalog of its own is, as the command is told."""
    socket = Path(parse_qs(urlsplit(server).query)["unix_sock"][0]).parent
    name = f"lake_{uuid4().hex}"
    engine = open_engine(server)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"create database {name}")
    engine.dispose()
    return f"dbname={name} host={socket} user=aina"


@pytest.fixture
def store(python: str, tmp_path: Path) -> Iterator[str]:
    """The address of an object store with one bucket, `tables`."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    with (tmp_path / "store.log").open("wb") as log:
        process = subprocess.Popen(
            [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log
        )
    try:
        until = time.monotonic() + MOST_SECONDS
        while True:
            try:
                urlopen(Request(f"{address}/tables", method="PUT"), timeout=5).close()
                break
            except HTTPError:
                raise
            # Not there yet, or there and not yet answering.
            except OSError:
                assert process.poll() is None, (tmp_path / "store.log").read_text()
                assert time.monotonic() < until
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=MOST_SECONDS)


def published(
    python: str, root: Path, catalog: str, place: str, **told: str
) -> subprocess.CompletedProcess[str]:
    """Run the command, with nothing of this process's own store in its environment."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [python, str(PUBLISH), str(root), catalog, place],
        capture_output=True,
        text=True,
        check=False,
        env={**clean, **told},
    )


def rows_of(root: Path) -> dict[str, int]:
    """Rows of every table, by the manifest."""
    manifest = json.loads((root / "receipts" / "build_manifest_v1.json").read_bytes())["predicate"]
    found: dict[str, int] = {}
    for entry in manifest["tables"]:
        found[entry["table"]] = found.get(entry["table"], 0) + entry["rows"]
    return found


def test_a_lake_in_a_folder_holds_every_table(
    python: str, catalog: str, starter_build: Build, tmp_path: Path
) -> None:
    root, lake = starter_build.engine.data.path, tmp_path / "the company's lake"
    # Twice: the second replaces the first.
    for _ in range(2):
        done = published(python, root, catalog, str(lake))
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == rows_of(root)
    assert list(lake.rglob("*.parquet"))


def test_a_lake_in_an_object_store_holds_every_table(
    python: str, catalog: str, store: str, starter_build: Build
) -> None:
    root = starter_build.engine.data.path
    done = published(python, root, catalog, "s3://tables/aina", AWS_ENDPOINT_URL=store, **WRITER)
    assert done.returncode == 0, done.stderr
    # Counted by reading them back out of the store.
    assert json.loads(done.stdout) == rows_of(root)
    with urlopen(f"{store}/tables?list-type=2&prefix=aina/main/onet_occupation/", timeout=10) as answer:
        assert b".parquet</Key>" in answer.read()
    assert SECRET not in done.stdout + done.stderr
    dump = subprocess.run([str(program("pg_dump")), catalog], capture_output=True, text=True, check=True)
    assert "s3://tables/aina" in dump.stdout
    assert SECRET not in dump.stdout


def test_a_store_that_refuses_is_told_without_the_secret(
    python: str, catalog: str, store: str, starter_build: Build
) -> None:
    root = starter_build.engine.data.path
    done = published(python, root, catalog, "s3://absent/aina", AWS_ENDPOINT_URL=store, **WRITER)
    assert (done.returncode, done.stdout) == (1, "")
    assert "absent" in done.stderr
    assert SECRET not in done.stderr


@pytest.mark.parametrize(
    ("place", "endpoint", "said"),
    [
        ("s3://tables/aina", "localhost:9000", "AWS_ENDPOINT_URL is not http"),
        ("s3://tables/aina", "http://store.test/path", "AWS_ENDPOINT_URL is not http"),
        ("gs://tables/aina", "http://127.0.0.1:9", "DATA_PATH is a folder or s3://"),
    ],
)
def test_a_place_that_is_none_is_refused_before_anything_is_written(
    python: str, catalog: str, starter_build: Build, place: str, endpoint: str, said: str
) -> None:
    root = starter_build.engine.data.path
    done = published(python, root, catalog, place, AWS_ENDPOINT_URL=endpoint, **WRITER)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr


def test_a_store_that_nobody_may_write_is_told_and_nothing_is_published(
    python: str, catalog: str, store: str, starter_build: Build
) -> None:
    root = starter_build.engine.data.path
    done = published(python, root, catalog, "s3://tables/aina", AWS_ENDPOINT_URL=store)
    assert (done.returncode, done.stdout) == (1, "")
    assert "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY not set" in done.stderr
    with urlopen(f"{store}/tables?list-type=2", timeout=10) as answer:
        assert b"<Key>" not in answer.read()

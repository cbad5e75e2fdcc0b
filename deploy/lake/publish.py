"""Put a data root's tables into a DuckLake: catalog in PostgreSQL, Parquet files where DATA_PATH says.

    python deploy/lake/publish.py DATA_ROOT "dbname=lake host=..." DATA_PATH

DATA_PATH is a folder or an object store's address (s3://bucket/prefix). Of a store the usual variables tell
the rest: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, and AWS_ENDPOINT_URL where
it is not Amazon's own. The store's secret stays in the process: neither the catalog nor the output holds it.
A password in the catalog's text is PostgreSQL's to keep (`PGPASSFILE`): name none there.
The engine's own tables stay what they are; this is a copy for those who read from elsewhere. One transaction:
readers see the state before or the state after. It has an environment of its own: `requirements.lock` here.

Where it writes is outside the data root: for the company, that needs the gate `external_writes` to be open.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

EXTENSIONS = ("ducklake", "postgres_scanner")
STORE = "s3://"


def quoted(text: str) -> str:
    """A text as SQL writes it: `load` and `attach` take no parameters."""
    return "'" + text.replace("'", "''") + "'"


def load_extensions(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    """Load the extensions that wheels carry; nothing is downloaded."""
    for name in names:
        spec = importlib.util.find_spec(f"duckdb_extension_{name}")
        folders = list(spec.submodule_search_locations or ()) if spec else []
        found = [path for folder in folders for path in Path(folder).rglob(f"{name}.duckdb_extension")]
        if not found:
            raise SystemExit(f"no extension {name}: pip install -r deploy/lake/requirements.lock")
        connection.execute(f"load {quoted(str(found[0]))}")


def tell_store(connection: duckdb.DuckDBPyConnection, told: Mapping[str, str]) -> None:
    """Tell the connection how to reach the object store, as the environment says."""
    absent = [name for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if not told.get(name)]
    if absent:
        raise SystemExit(f"{', '.join(absent)} not set: an object store asks who writes")
    options = {
        "key_id": told["AWS_ACCESS_KEY_ID"],
        "secret": told["AWS_SECRET_ACCESS_KEY"],
        "region": told.get("AWS_REGION") or "us-east-1",
    }
    if told.get("AWS_SESSION_TOKEN"):
        options["session_token"] = told["AWS_SESSION_TOKEN"]
    address = told.get("AWS_ENDPOINT_URL", "")
    endpoint = urlsplit(address)
    if address and (
        endpoint.scheme not in ("http", "https") or not endpoint.netloc or endpoint.path.strip("/")
    ):
        # Passed over, it would send the tables to Amazon.
        raise SystemExit("AWS_ENDPOINT_URL is not http(s)://HOST[:PORT]")
    if address:
        # Stores that are not Amazon's name the bucket in the path.
        options |= {
            "endpoint": endpoint.netloc,
            "url_style": "path",
            "use_ssl": str(endpoint.scheme == "https"),
        }
    # A statement that makes a secret takes no parameters, but it reads variables, and those are set by one.
    for name, value in options.items():
        connection.execute(f"set variable store_{name} = $1", [value])
    given = ", ".join(f"{name} getvariable('store_{name}')" for name in options)
    connection.execute(f"create secret store (type s3, {given})")


def tables_of(root: Path) -> dict[str, list[str]]:
    """Each table's files, as the manifest names them."""
    manifest = json.loads((root / "receipts" / "build_manifest_v1.json").read_bytes())["predicate"]
    found: dict[str, list[str]] = {}
    for entry in manifest["tables"]:
        found.setdefault(entry["table"], []).append(str(root / entry["file"]))
    return found


def publish(root: Path, catalog: str, data_path: str) -> dict[str, int]:
    """Replace every table of the lake by the state's; gives the rows of each."""
    # Extensions come with the environment: one that is not there is an error, not a download.
    without_downloads = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    with duckdb.connect(config=without_downloads) as connection:
        is_store = data_path.startswith(STORE)
        if "://" in data_path and not is_store:
            raise SystemExit("DATA_PATH is a folder or s3://BUCKET/PREFIX")
        load_extensions(connection, (*EXTENSIONS, *(["httpfs"] if is_store else [])))
        if is_store:
            tell_store(connection, os.environ)
        place = quoted(f"ducklake:postgres:{catalog}")
        connection.execute(f"attach {place} as lake (data_path {quoted(data_path)})")
        connection.execute("begin")
        for table, files in tables_of(root).items():
            connection.execute(f'create or replace table lake."{table}" as from read_parquet($1)', [files])
        connection.execute("commit")
        rows = {}
        for table in tables_of(root):
            ((count,),) = connection.execute(f'select count(*) from lake."{table}"').fetchall()  # noqa: S608
            rows[table] = int(count)
        return rows


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("root", type=Path)
    parser.add_argument("catalog")
    parser.add_argument("data_path")
    options = parser.parse_args()
    rows = publish(options.root, options.catalog, options.data_path)
    sys.stdout.write(json.dumps(rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The generator's command: build all files in memory, then write them or compare them with the folder.

Belongs here: what is generated, and what else may lie in the folder. Does not: any file's content.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.storage import write_bytes
from tools.starter.authored import AuthoredError, Content, read_content
from tools.starter.bls import bls_files
from tools.starter.economic_index import economic_index_files
from tools.starter.files import StarterFile, lock_text
from tools.starter.gdpval import gdpval_files
from tools.starter.onet import onet_files
from tools.starter.reviews import review_files
from tools.starter.rules import check

STARTER = PROJECT_ROOT / "data" / "starter"
AUTHORED = "authored"
LOCK = "sources.lock.json"
TITLES, TITLES_URL = "starter_titles.txt", "https://aina.invalid/starter/titles/starter_titles.txt"


def starter_files(content: Content) -> dict[str, bytes]:
    """Every generated file's bytes by its path below the starter folder, the lock included."""
    files = [
        *onet_files(content),
        *economic_index_files(content),
        *gdpval_files(content),
        *bls_files(content),
        StarterFile("titles", "text", TITLES, TITLES_URL, content.titles),
    ]
    written = {file.path: file.content for file in files}
    # No source: what recorded reviewers say is in no lock.
    return {**dict(sorted(written.items())), **review_files(content), LOCK: lock_text(files)}


def differences(target: Path, files: dict[str, bytes]) -> list[str]:
    """What `--check` reports: files that are absent, differ, or that nothing generates."""
    found = [
        f"{'differs' if (target / path).is_file() else 'absent'}: {path}"
        for path, content in files.items()
        if not (target / path).is_file() or (target / path).read_bytes() != content
    ]
    return found + [f"not generated: {path}" for path in _strays(target, files)]


def write(target: Path, files: dict[str, bytes]) -> None:
    """Write all files, and remove those that are generated no more."""
    for path, content in files.items():
        write_bytes(target / path, content)
    for path in _strays(target, files):
        (target / path).unlink()


def _strays(target: Path, files: dict[str, bytes]) -> list[str]:
    hosts = [folder for folder in target.iterdir() if folder.is_dir() and folder.name != AUTHORED]
    lying = (path for host in sorted(hosts) for path in sorted(host.rglob("*")) if path.is_file())
    return [path for path in (path.relative_to(target).as_posix() for path in lying) if path not in files]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 1 where the content is faulty or `--check` finds differences."""
    parser = argparse.ArgumentParser(prog="make_starter", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; name files that differ")
    parser.add_argument("--authored", type=Path, default=STARTER / AUTHORED, help="the authored content")
    parser.add_argument("--out", type=Path, default=STARTER, help="the starter folder")
    options = parser.parse_args(arguments)
    try:
        files = starter_files(check(read_content(options.authored), options.authored))
    except AuthoredError as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        found = differences(options.out, files)
        print("\n".join(found) or f"{len(files)} files are as generated")
        return 1 if found else 0
    options.out.mkdir(parents=True, exist_ok=True)
    write(options.out, files)
    print(f"{len(files)} files, {sum(map(len, files.values())):,} bytes, in {options.out}")
    return 0

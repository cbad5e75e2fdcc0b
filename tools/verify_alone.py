"""Verify a data root from its files alone: `python tools/verify_alone.py DATA [--mirror DIR] ...`.

For somebody who does not trust this project's code: one file, the standard library, nothing imported from
`aina_assets`. It reads the receipts, believes each only as far as its seal holds, and holds every file that
they name against its digest. What differs is printed with everything that rests on it; the exit status is
then 1.

What a receipt is: an in-toto Statement v1 as canonical JSON on one line. Its seal, `predicate.seal`, is the
sha256 of the file with the seal's 64 digits taken out. `subject` and `predicate.rests_on` name files by
their place in the data root (`tables/...`, `models/...`, `receipts/...`), source files as `<source>/<file>`,
and committed files (`policies/...`, `gold/...`, `sources.lock.json`). The receipt `build_manifest_v1` says
of each table and file what it was made from.

A seal shows damage, not intent. Where a receipt was signed (`<receipt>.dsse.json` beside it), `--key` holds
the signature against a public key; that, and nothing else here, needs the package `cryptography`.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

REPOSITORY = Path(__file__).resolve().parents[1]
MANIFEST, SNAPSHOT = "receipts/build_manifest_v1.json", "receipts/public_source_snapshot_v1.json"
LOCK, LOG = "sources.lock.json", "gates/decisions.jsonl"
PRODUCT, GRAPH = "aina.duckdb", "graph.duckdb"
STATE_FOLDERS = ("tables", "models", "reviews/merges", "reports")
# Commands add to these between two builds: a file that the manifest does not have yet is no difference.
GROWING_FOLDERS = ("reviews/requests", "reviews/answers", "reviews/quarantine", "reviews/orders")
# Pages on the history of a data root: nobody's statement is about them.
HISTORY = ("reports/builds/", "reports/quality_report.", "reports/inventory.")


def sha256(path: Path) -> str:
    """The digest of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def unsealed(content: bytes) -> dict[str, Any] | None:
    """The statement in a receipt's bytes, or None where its seal does not hold."""
    try:
        statement = json.loads(content)
        seal = statement["predicate"]["seal"]
    except (ValueError, KeyError, TypeError):
        return None
    mark = b'"seal":"%s"' % str(seal).encode()
    if len(str(seal)) != 64 or content.count(mark) != 1:
        return None
    blank = content.replace(mark, b'"seal":""')
    return dict(statement) if hashlib.sha256(blank).hexdigest() == seal else None


class State:
    """What the receipts say, what rests on what, and what was found to differ."""

    def __init__(self, data: Path, options: argparse.Namespace) -> None:
        self.data, self.options = data, options
        self.stated: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self.above: dict[str, set[str]] = defaultdict(set)
        self.statements: dict[str, dict[str, Any]] = {}
        self.found: dict[str, str] = {}
        self.notes: list[str] = []
        self.by_lock: dict[str, str] = {}
        self.files = 0

    def differ(self, name: str, says: str) -> None:
        """Note a difference; the first word on a file stands."""
        self.found.setdefault(name, says)

    def void(self, name: str) -> list[str]:
        """Everything that rests on a file. A name that ends with / stands for all files below it."""
        seen, waiting = set(), [name]
        while waiting:
            lower = waiting.pop()
            for upper in self.above[lower] | self.above[lower[: lower.rfind("/") + 1]]:
                if upper not in seen and upper != name:
                    seen.add(upper)
                    waiting.append(upper)
        return sorted(seen)

    # --- what the receipts say

    def read_receipts(self) -> None:
        """Take what each receipt says whose seal holds."""
        for path in sorted((self.data / "receipts").glob("*.json")):
            if path.name.endswith(".dsse.json"):
                continue
            name, content = f"receipts/{path.name}", path.read_bytes()
            statement = unsealed(content)
            if statement is None:
                self.differ(name, "damaged: not the bytes that were sealed")
                continue
            self.statements[name] = statement
            self.stated[name][hashlib.sha256(content).hexdigest()].append(name)
            for lower in (*statement["subject"], *statement["predicate"]["rests_on"]):
                self.stated[lower["name"]][lower["digest"]["sha256"]].append(name)
                self.above[lower["name"]].add(name)
        manifest = self.statements.get(MANIFEST, {}).get("predicate")
        if manifest is None:
            self.differ(MANIFEST, "absent: this is no finished build")
            return
        product = [manifest["product"]] if manifest["product"] else []
        for entry in (*manifest["tables"], *manifest["files"], *product):
            for lower in entry["made_from"]:
                self.above[lower].add(entry["file"])

    # --- where the files lie

    def places(self) -> dict[str, Path]:
        """Every file that receipts may name, by that name."""
        found = {name: self.data / name for name in self.statements}
        for folder in (*STATE_FOLDERS, *GROWING_FOLDERS):
            for path in (self.data / folder).rglob("*"):
                name = path.relative_to(self.data)
                if path.is_file() and not any(part.startswith(".") for part in name.parts):
                    found[name.as_posix()] = path
        policies = self.options.policies
        for path in (*policies.glob("*"), *policies.glob("rubrics/*")):
            found[f"policies/{path.relative_to(policies).as_posix()}"] = path
        found |= {f"gold/{p.name}": p for p in self.options.gold.glob("*.csv")}
        return found | dict(self.source_files())

    def lane_and_vintages(self) -> tuple[str, dict[str, str]]:
        """Where the build's sources came from and which releases they are, as manifest or snapshot says."""
        manifest = self.statements.get(MANIFEST, {}).get("predicate")
        if manifest is not None:
            return manifest["lane"], manifest["vintages"]
        snapshot = self.statements.get(SNAPSHOT, {}).get("predicate", {"sources": (), "lane": "starter"})
        return snapshot["lane"], {source["source"]: source["vintage"] for source in snapshot["sources"]}

    def source_files(self) -> Iterator[tuple[str, Path]]:
        """Source files by the lock's addresses; a title inventory by its path, or the starter's."""
        lane, vintages = self.lane_and_vintages()
        starter = REPOSITORY / "data" / "starter"
        lock = self.options.lock or (starter if lane == "starter" else REPOSITORY / "data") / LOCK
        roots = self.options.mirror or ([starter] if lane == "starter" else [self.data / "sources"])
        yield LOCK, lock
        yield from self.locked(lock, roots, vintages)
        if lane != "starter" and not self.options.titles:
            yield from self.locked(starter / LOCK, [starter], {"titles": vintages.get("titles", "")})
        if self.options.titles:
            yield f"titles/{self.options.titles.name}", self.options.titles

    def locked(self, lock: Path, roots: list[Path], vintages: dict[str, str]) -> Iterator[tuple[str, Path]]:
        """The files of a lock; a lock that cannot be read has none, and is named by its own digest."""
        try:
            records = json.loads(lock.read_bytes())["files"]
        except (OSError, ValueError, KeyError, TypeError):
            return
        for record in records:
            try:
                address = urlsplit(record["url"])
                name = f"{record['source']}/{record['name']}"
                is_of_this_state = vintages.get(record["source"]) == record["vintage"]
            except (KeyError, TypeError, ValueError, AttributeError):
                continue
            place = (address.hostname or "") + unquote(address.path)
            path = next((root / place for root in roots if (root / place).is_file()), None)
            if path is not None and is_of_this_state:
                self.by_lock[name] = record["sha256"]
                yield name, path

    # --- holding one against the other

    def compare(self) -> None:
        """Hold every file that somebody names against its digest, and look for files that nobody names."""
        places = self.places()
        sources = set(self.lane_and_vintages()[1])
        for name in [name for name in self.stated if name.partition("/")[0] in sources]:
            self.above[LOCK].add(name)
        is_lock_whole = places[LOCK].is_file() and sha256(places[LOCK]) in self.stated[LOCK]
        for name, digest in self.by_lock.items() if is_lock_whole else ():
            self.stated[name][digest].append(LOCK)
        for name, by_digest in sorted(self.stated.items()):
            path = places.get(name)
            if path is not None and path.is_file():
                self.files += 1
                self.compare_one(name, sha256(path), by_digest)
            # Where the lock differs, nobody knows where its files lie.
            elif is_lock_whole or name.partition("/")[0] not in sources:
                witnesses = {witness for told_by in by_digest.values() for witness in told_by}
                self.differ(name, f"absent; stated by {', '.join(sorted(witnesses))}")
        if MANIFEST in self.statements:
            folders = tuple(f"{folder}/" for folder in STATE_FOLDERS)
            for name in places:
                if name.startswith(folders) and not name.startswith(HISTORY) and name not in self.stated:
                    self.differ(name, "not in the manifest")
            growing = tuple(f"{folder}/" for folder in GROWING_FOLDERS)
            if added := sum(name.startswith(growing) and name not in self.stated for name in places):
                self.notes.append(f"reviews: {added} files are of after the build")

    def compare_one(self, name: str, found: str, by_digest: dict[str, list[str]]) -> None:
        """A file that the manifest or nobody agrees with is at fault; else it is the older receipt."""
        others = {digest: told_by for digest, told_by in by_digest.items() if digest != found}
        if found not in by_digest or any({MANIFEST, LOCK} & set(told_by) for told_by in others.values()):
            self.differ(name, f"differs: is {found}, stated {', '.join(others)}")
            return
        for told_by in others.values():
            for witness in told_by:
                self.differ(witness, f"stale: speaks of another {name} than stands")

    def product(self) -> None:
        """The DuckDB file: its bytes vary by machine, so its digest is only in a note beside it."""
        manifest = self.statements.get(MANIFEST, {}).get("predicate")
        if manifest is None or manifest["product"] is None:
            return
        try:
            note = json.loads((self.data / "cache" / "product.json").read_bytes())
            digest, fingerprint = note["sha256"], note["fingerprint"]
        except (OSError, ValueError, KeyError, TypeError):
            self.notes.append(f"{PRODUCT}: no note of its digest, not verified")
            return
        path = self.data / PRODUCT
        if not path.is_file() or sha256(path) != digest:
            self.differ(PRODUCT, "differs from the note of its digest, or is absent")
        elif fingerprint != manifest["product"]["fingerprint"]:
            self.differ(PRODUCT, "stale: filled from other tables than the manifest's")

    def graph(self) -> None:
        """The graph's DuckDB file against the note of its digest."""
        path, note = self.data / GRAPH, self.data / "cache" / "graph.json"
        if not path.is_file():
            if "tables/graph_node.parquet" in self.stated:
                self.differ(GRAPH, "absent")
            return
        try:
            digest = json.loads(note.read_bytes())["sha256"]
        except (OSError, ValueError, KeyError, TypeError):
            self.notes.append(f"{GRAPH}: no note of its digest, not verified")
            return
        if sha256(path) != digest:
            self.differ(GRAPH, "differs from the note of its digest")

    def decision_log(self) -> None:
        """The gates' log: each entry sealed, naming the one before; the head counts them."""
        path = self.data / LOG
        lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
        before, digests = "0" * 64, []
        for number, line in enumerate(lines, 1):
            statement = unsealed(line)
            chained = statement and statement["predicate"]["rests_on"][0]["digest"]["sha256"] == before
            if not chained or statement["predicate"]["aina_number"] != number:
                self.differ(LOG, f"entry {number} is damaged or out of place")
                return
            before = hashlib.sha256(line).hexdigest()
            digests.append(before)
        head = self.data / "gates" / "decisions.head.json"
        try:
            counted = json.loads(head.read_bytes()) if head.is_file() else {"entries": 0, "sha256": ""}
            is_whole = len(lines) - counted["entries"] in (0, 1) and (
                not counted["entries"] or digests[counted["entries"] - 1] == counted["sha256"]
            )
        except (ValueError, KeyError, TypeError, IndexError):
            is_whole = False
        if not is_whole:
            self.differ(LOG, "the head does not count what the log has")

    def signatures(self) -> None:
        """Signed receipts against the given public keys (64 hex digits of ed25519)."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

        for path in sorted((self.data / "receipts").glob("*.dsse.json")):
            name = f"receipts/{path.name.removesuffix('.dsse.json')}.json"
            try:
                envelope = json.loads(path.read_bytes())
                kind, payload = envelope["payloadType"].encode(), base64.b64decode(envelope["payload"])
                signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
                given = [base64.b64decode(signature["sig"]) for signature in envelope["signatures"]]
            except (ValueError, KeyError, TypeError, AttributeError):
                self.differ(f"receipts/{path.name}", "not an envelope")
                continue
            if payload != (self.data / name).read_bytes():
                self.differ(f"receipts/{path.name}", f"signed another {name} than stands")
            for key in self.options.key:
                public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
                for signature in given:
                    try:
                        public.verify(signature, signed)
                        self.notes.append(f"{name}: signed by {key}")
                    except InvalidSignature:
                        continue


def _counted(differences: int) -> str:
    return f"{differences} differ" if differences > 1 else "1 differs" if differences else "nothing differs"


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="the data root")
    parser.add_argument("--mirror", type=Path, action="append", help="folder of source files, by host")
    parser.add_argument("--titles", type=Path, help="the title inventory, if not the starter's")
    parser.add_argument("--lock", type=Path, help="the lock; the lane's own if not given")
    parser.add_argument("--policies", type=Path, default=REPOSITORY / "data" / "policies")
    parser.add_argument("--gold", type=Path, default=REPOSITORY / "data" / "gold")
    parser.add_argument("--key", action="append", default=[], help="public ed25519 key in hex, of a signer")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    state = State(options.data, options)
    state.read_receipts()
    state.compare()
    state.product()
    state.graph()
    state.decision_log()
    if options.key:
        state.signatures()
    told = {name: {"says": says, "void": state.void(name)} for name, says in sorted(state.found.items())}
    if options.json:
        print(json.dumps({"differences": told, "files": state.files, "notes": state.notes}, indent=1))
    else:
        for name, about in told.items():
            print(f"{name}: {about['says']}\n  void: {', '.join(about['void']) or 'nothing'}")
        for note in state.notes:
            print(f"note: {note}")
        print(f"{state.files} files, {len(state.statements)} receipts: {_counted(len(told))}")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())

"""Which module of the package can touch a file, a socket, a program or a capability, read off its source.

Belongs here: finding sinks in a syntax tree, and the list of those that are reviewed. Does not: running code.
A new sink is a reviewed change of `REVIEWED`: say in the change what it writes and under which capability.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from aina_assets.core.settings import PROJECT_ROOT

PACKAGE = PROJECT_ROOT / "aina_assets"

FILE_CALLS = frozenset(
    {
        *("write_text", "mkdir", "unlink", "touch", "symlink_to", "hardlink_to", "rmdir", "chmod"),
        *("truncate", "rmtree", "copy2", "copyfile", "copytree", "move", "mkstemp", "mkdtemp"),
        *("TemporaryDirectory", "NamedTemporaryFile", "mkfifo", "mknod"),
    }
)
NATIVE_CALLS = frozenset({"write_table", "ParquetWriter", "savez", "DuckDBResource", "create_engine"})
SOCKET_CALLS = frozenset({"bind", "listen", "create_server", "start_server", "sendto"})
GATE_CALLS = frozenset({"take_mint", "addaudithook", "writes_let", "host_let", "address_let", "program_let"})
PROGRAM_CALLS = frozenset(
    {
        *("Popen", "system", "fork", "forkpty", "posix_spawn", "execv", "popen", "eval", "exec"),
        "ProcessPoolExecutor",
    }
)
HARMLESS_MODULES = ("importlib.resources", "importlib.metadata")
MODULES: Mapping[str, str] = {
    **dict.fromkeys(("socket", "requests", "urllib3", "httpx", "httpx2", "aiohttp", "asyncio"), "network"),
    **dict.fromkeys(("huggingface_hub", "smtplib", "ftplib", "http.client", "urllib.request"), "network"),
    **dict.fromkeys(("subprocess", "multiprocessing", "ctypes", "cffi", "pty"), "program"),
    **dict.fromkeys(("sqlite3", "psycopg", "pg8000", "fsspec", "boto3"), "store"),
    **dict.fromkeys(("sentry_sdk", "opentelemetry", "posthog", "statsd", "segment", "datadog"), "telemetry"),
    **dict.fromkeys(("importlib", "runpy", "pickle", "marshal"), "hidden code"),
}

REVIEWED: Mapping[str, frozenset[str]] = {
    # The one way by which files are replaced; paths are below the data root, or at the desk.
    "core/storage.py": frozenset({"Path.replace", "chmod", "mkdir", "open for writing", "unlink"}),
    # Processes that share a long work with this one, guarded as it is.
    "core/processes.py": frozenset({"program"}),
    "core/store.py": frozenset({"unlink", "write_table"}),
    "core/table_memory.py": frozenset({"unlink"}),
    "automation.py": frozenset({"mkdir"}),
    # Streams, into a path that core.storage gave.
    "sources/readers/oews_flat.py": frozenset({"ParquetWriter", "write_table"}),
    "titles/make.py": frozenset({"ParquetWriter", "write_table"}),
    "titles/retrieval/model_file.py": frozenset({"savez"}),
    # Where a wheel's files lie, without importing it.
    "titles/retrieval/static_embedding.py": frozenset({"hidden code"}),
    # The chain of merges and the cost ledger, below the data root.
    "adjudication/chain.py": frozenset({"mkdir"}),
    "adjudication/reviewers/ledger.py": frozenset({"mkdir", "open for writing"}),
    # Reviewers: the endpoint or program that the reviewers' file names, with leave where titles
    # would leave the machine. A program works in an empty folder below the data root's cache.
    "adjudication/reviewers/openai_http.py": frozenset({"network"}),
    "adjudication/reviewers/processes.py": frozenset({"program"}),
    "adjudication/reviewers/command.py": frozenset({"TemporaryDirectory", "mkdir", "write_text"}),
    # Below a path that core.store gave, or at the desk.
    "packets/make.py": frozenset({"ParquetWriter", "write_table"}),
    "packets/export.py": frozenset(
        {
            *("mkdir", "rmdir", "rmtree", "Path.replace", "Path.write_bytes", "open for writing"),
            *("ParquetWriter", "write_table"),
        }
    ),
    # Learners' events: a database below the data root, or the one that is set; the guard looks at both.
    # The cohort is walked in one of its own, in the cache.
    "learning/make.py": frozenset({"TemporaryDirectory", "mkdir"}),
    "learning/records/schema.py": frozenset({"create_engine", "mkdir"}),
    "warehouse/assets.py": frozenset({"DuckDBResource"}),
    # The publishers' files: the only network clients there are, and where they put what they fetch.
    "sources/upstream/http.py": frozenset({"network", "Path.write_bytes", "open for writing"}),
    "sources/upstream/hub.py": frozenset({"network", "move"}),
    "sources/upstream/archive.py": frozenset({"open for writing"}),
    "sources/upstream/bls_quota.py": frozenset({"mkdir"}),
    "sources/upstream/scratch.py": frozenset({"TemporaryDirectory", "mkdir", "rmtree", "unlink"}),
    # Receipts of older builds, below the data root.
    "reports/change_report.py": frozenset({"rmtree"}),
    # The service: its token and its socket, which the gate bound. Its fixtures call it in the process.
    "service/auth.py": frozenset({"Path.replace", "mkdir", "open for writing"}),
    "service/running.py": frozenset({"listen", "network", "unlink"}),
    "service/fixtures/api_loop.py": frozenset({"network"}),
    "service/fixtures/driving.py": frozenset({"network", "unlink"}),
    "service/fixtures/ui_loop.py": frozenset({"network"}),
    # The gates themselves.
    "core/capabilities.py": frozenset({"makes capabilities"}),
    "gates/gatekeeper.py": frozenset({"take_mint"}),
    "gates/guard.py": frozenset({"addaudithook", "network"}),
    "gates/edge.py": frozenset(
        {"address_let", "bind", "host_let", "listen", "network", "program_let", "writes_let"}
    ),
    "gates/keys.py": frozenset({"mkdir", "open for writing"}),
    "gates/log.py": frozenset({"mkdir", "open for writing", "truncate"}),
    "gates/approvals.py": frozenset({"unlink"}),
    "gates/desk.py": frozenset({"unlink"}),
}


def package_sinks() -> dict[str, frozenset[str]]:
    """Every module's sinks, by its path below the package; modules without any are left out."""
    found = {
        path.relative_to(PACKAGE).as_posix(): frozenset(sinks(ast.parse(path.read_text("utf-8"))))
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    return {module: held for module, held in found.items() if held}


def sinks(tree: ast.AST) -> Iterator[str]:
    """What in a module's source can reach out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.Import):
            yield from (kind for alias in node.names for kind in _of_module(alias.name))
        elif isinstance(node, ast.ImportFrom):
            yield from _of_module(node.module or "")
        elif isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            if name in {"_granted", "_is_taken", "_hold"}:
                yield "makes capabilities"


def _of_module(name: str) -> Iterator[str]:
    kind = MODULES.get(name) or MODULES.get(name.partition(".")[0])
    if kind is not None and not name.startswith(HARMLESS_MODULES):
        yield kind


def _of_call(call: ast.Call) -> Iterator[str]:
    name, owner = _called(call.func)
    if name in FILE_CALLS | NATIVE_CALLS | SOCKET_CALLS | GATE_CALLS:
        yield name
    if name in PROGRAM_CALLS and owner not in {"connection", "re"}:
        yield "program"
    if name in {"__import__", "import_module"}:
        yield "hidden code"
    if name == "__new__" and owner == "object":
        yield "makes capabilities"
    if name == "write_bytes" and owner:
        yield "Path.write_bytes"
    # A text's `replace` takes two arguments, a path's and a rename one.
    if name in {"replace", "rename"} and owner and len(call.args) == 1 and not call.keywords:
        yield f"Path.{name}"
    if name in {"open", "fdopen"} and (owner == "os" or _opens_for_writing(call)):
        yield "open for writing"


def _called(func: ast.expr) -> tuple[str, str]:
    """The called name and what it is called on, where that is a plain name (or `.` for anything else)."""
    if isinstance(func, ast.Attribute):
        return func.attr, func.value.id if isinstance(func.value, ast.Name) else "."
    return (func.id, "") if isinstance(func, ast.Name) else ("", "")


def _opens_for_writing(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    modes = [node.value for one in given for node in ast.walk(one) if isinstance(node, ast.Constant)]
    return any(isinstance(mode, str) and len(mode) < 4 and set(mode) & set("wax+") for mode in modes)

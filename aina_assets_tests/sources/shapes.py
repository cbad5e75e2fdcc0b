"""What the Hub and the BLS API answer, in their real shapes, out of made-up state.

Belongs here: requests to answers, without a socket. Does not: serving them, or faults (see `loopback`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote

INVALID_KEY = (
    "The key:{key} provided by the User is invalid. "
    "Please provide a proper key for the operation to be successful"
)


@dataclass
class HubRepo:
    """A dataset: its branch's head and the files of each commit; those in `lfs` are large files."""

    head: str
    commits: dict[str, dict[str, bytes]]
    lfs: set[str] = field(default_factory=set)


@dataclass
class BlsApiState:
    """What the BLS API knows and how it is disposed."""

    series: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    valid_key: str | None = None
    refuse_with: dict[str, Any] | None = None
    is_partial_named: bool = False
    leave_out: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer before faults are applied."""

    status: int
    content: bytes
    content_type: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    has_ranges: bool = False


def git_blob(content: bytes) -> str:
    """The blob id that git gives content."""
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()


Repos = Mapping[str, HubRepo]


def hub_answer(repos: Repos, rest: str, body: bytes, port: int) -> Answer:
    """The Hub's answer to a path below its host."""
    parts = rest.split("/")
    is_cached = parts[:2] == ["api", "resolve-cache"]
    if parts[:2] == ["api", "datasets"]:
        return _hub_api(repos, parts[2:], body)
    if is_cached:
        parts = [parts[2], parts[3], parts[4], "resolve", *parts[5:]]
    repo = repos.get("/".join(parts[1:3]))
    if repo is None:
        return _hub_error(401, "RepoNotFound", "Repository not found")
    revision, path = parts[4], "/".join(parts[5:])
    revision = repo.head if revision == "main" else revision
    if revision not in repo.commits:
        return _hub_error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    content = repo.commits[revision].get(path)
    if content is None:
        return _hub_error(404, "EntryNotFound", "Entry not found")
    if path in repo.lfs:
        return _large_file(parts, revision, content, port)
    return _file_in_git(parts, revision, content, is_cached=is_cached)


def _large_file(parts: list[str], revision: str, content: bytes, port: int) -> Answer:
    digest = hashlib.sha256(content).hexdigest()
    headers = {
        "X-Repo-Commit": revision,
        "X-Linked-Size": str(len(content)),
        "X-Linked-Etag": f'"{digest}"',
        # Another origin, as the Hub's large files lie on another host.
        "Location": f"http://localhost:{port}/lfs/{digest}?repo={parts[1]}/{parts[2]}",
    }
    return Answer(302, b"", headers=headers)


def _file_in_git(parts: list[str], revision: str, content: bytes, *, is_cached: bool) -> Answer:
    headers = {"X-Repo-Commit": revision, "X-Linked-Size": str(len(content))}
    etag = f'"{git_blob(content)}"'
    if is_cached:
        return Answer(200, content, "text/plain; charset=utf-8", headers | {"ETag": etag}, has_ranges=True)
    cached = "/".join(["api/resolve-cache", *parts[:3], revision, *parts[5:]])
    location = quote(f"/huggingface.co/{cached}")
    return Answer(307, b"", headers=headers | {"X-Linked-Etag": etag, "Location": location})


def _hub_api(repos: Repos, parts: list[str], body: bytes) -> Answer:
    name = "/".join(parts[:2])
    repo = repos.get(name)
    if repo is None:
        return _hub_error(401, "RepoNotFound", "Repository not found")
    if len(parts) == 2:
        siblings = [{"rfilename": path} for path in repo.commits[repo.head]]
        return _json(
            {
                "_id": "6700000000000000000000aa",
                "id": name,
                "author": parts[0],
                "sha": repo.head,
                "lastModified": "2026-09-20T10:00:00.000Z",
                "createdAt": "2026-01-20T10:00:00.000Z",
                "private": False,
                "gated": False,
                "disabled": False,
                "tags": ["region:us"],
                "downloads": 1,
                "likes": 1,
                "siblings": siblings,
            }
        )
    files = repo.commits.get(parts[3])
    if parts[2] != "paths-info" or files is None:
        return _hub_error(404, "RevisionNotFound", f"Invalid rev id: {parts[-1]}")
    wanted = parse_qs(body.decode())["paths"]
    return _json([_path_info(path, files[path], repo) for path in wanted if path in files])


def lfs_answer(repos: Repos, digest: str) -> Answer:
    """The answer of the host of large files."""
    for repo in repos.values():
        for files in repo.commits.values():
            for content in files.values():
                if hashlib.sha256(content).hexdigest() == digest:
                    return Answer(200, content, headers={"ETag": f'"{digest}"'}, has_ranges=True)
    return Answer(404, b"")


def bls_answer(state: BlsApiState, body: bytes) -> Answer:
    """The BLS API's answer, by its own rules always HTTP 200."""
    asked = json.loads(body)
    key = asked.get("registrationkey")
    if state.refuse_with is not None:
        return _json(state.refuse_with)
    if key is not None and key != state.valid_key:
        return _json(
            {
                "status": "REQUEST_NOT_PROCESSED",
                "responseTime": 0,
                "message": [
                    INVALID_KEY.format(key=key),
                ],
                "Results": {},
            }
        )
    messages, series = [], []
    for name in asked["seriesid"]:
        if name in state.leave_out:
            continue
        if name not in state.series:
            messages.append(f"Series does not exist for Series {name}")
        rows = state.series.get(name, [])
        kept = [row for row in rows if asked["startyear"] <= row["year"] <= asked["endyear"]]
        series.append({"seriesID": name, "data": kept})
    is_partial = bool(messages) and state.is_partial_named
    status = "REQUEST_PARTIALLY_PROCESSED" if is_partial else "REQUEST_SUCCEEDED"
    return _json({"status": status, "responseTime": 16, "message": messages, "Results": {"series": series}})


def _json(value: Any) -> Answer:
    return Answer(200, json.dumps(value).encode(), "application/json")


def _hub_error(status: int, code: str, message: str) -> Answer:
    headers = {"X-Error-Code": code, "X-Error-Message": message}
    return Answer(status, json.dumps({"error": message}).encode(), "application/json", headers)


def _path_info(path: str, content: bytes, repo: HubRepo) -> dict[str, Any]:
    info: dict[str, Any] = {
        "type": "file",
        "path": path,
        "size": len(content),
        "oid": git_blob(content),
    }
    if path in repo.lfs:
        info["lfs"] = {
            "oid": hashlib.sha256(content).hexdigest(),
            "size": len(content),
            "pointerSize": 132,
        }
    return info

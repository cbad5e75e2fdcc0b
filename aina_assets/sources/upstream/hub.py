"""Hugging Face Hub datasets through huggingface_hub: files at a locked commit, and what the Hub has now.

Belongs here: how that library is set up (no telemetry, no Xet, our time-outs and retries), which of its
calls are made, and its exceptions as ours. Does not: what the files mean, or comparing with the lock
(see `drift`).

The library keeps one HTTP client a process. Ours replaces it, because the library's own retries wait as
long as a server says and its time-outs cannot be set at run time. No token is ever sent: the data are
public, and the endpoint may be somebody's proxy.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import (
    HfApi,
    constants,
    get_hf_file_metadata,
    hf_hub_download,
    hf_hub_url,
    is_offline_mode,
    set_client_factory,
)
from huggingface_hub.errors import (
    EntryNotFoundError,
    FileMetadataError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
)
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils.tqdm import disable_progress_bars

from aina_assets.core.errors import (
    FetchError,
    ForbiddenError,
    HashMismatchError,
    HtmlInsteadOfDataError,
    LockError,
    MissingSourceError,
    SourceError,
    TruncatedFileError,
)
from aina_assets.core.settings import Settings
from aina_assets.core.storage import DataRoot, atomic_path, git_blob_id
from aina_assets.sources.lock import HUB_HOST, LockedFile, require_commit
from aina_assets.sources.upstream.http import (
    FORBIDDEN_STATUSES,
    GONE_STATUSES,
    RETRY_STATUSES,
    RetryPolicy,
    is_html,
    page_text,
    user_agent,
)
from aina_assets.sources.upstream.scratch import scratch_folder, verify_fetched

REPO_TYPE = "dataset"
_client_guard = threading.Lock()
_installed_for: tuple[object, ...] | None = None


@dataclass(frozen=True)
class HubFile:
    """What the Hub says of a file at a revision, without its content."""

    path: str
    bytes: int
    blob_id: str
    lfs_sha256: str | None


class HubClient:
    """The Hub as one set of settings sees it."""

    def __init__(self, settings: Settings) -> None:
        self._root = DataRoot(settings.data)
        self._endpoint = settings.endpoints.get(HUB_HOST, f"https://{HUB_HOST}").rstrip("/")
        self._policy = RetryPolicy(settings.http_attempts, settings.http_backoff_seconds)
        self._settings = settings

    def fetch(self, file: LockedFile, target: Path) -> None:
        """Put a locked file at `target`, verified; on any fault what stands there still stands.

        Raises:
            UnlockedRevisionError: the revision is not a commit.
            HashMismatchError: the Hub has other content at that address than the lock says; told from
                its headers before anything is fetched, and from the bytes after.
            FetchError, ForbiddenError, MissingSourceError: it cannot be had.
            StorageFullError: the disk ran full.
        """
        revision = require_commit(file.revision or "", file.url)
        path = repo_path(file)
        self._compare_metadata(file, path, revision)
        with scratch_folder(self._root, target) as folder:
            fetched = self._download(file.hub_repo, path, revision, folder)
            verify_fetched(fetched, file, target, file.url)
            _verify_blob_id(fetched, file, target)
            with atomic_path(target) as part:
                # The library's cache holds a link to the content. It goes with the scratch folder, so that
                # no second copy stays behind: GDPval's text must not lie in two places.
                shutil.move(fetched.resolve(), part)

    def read(self, repo: str, path: str, revision: str) -> bytes:
        """A small file's content at a commit."""
        with scratch_folder(self._root, path) as folder:
            return self._download(repo, path, require_commit(revision, path), folder).read_bytes()

    def head_commit(self, repo: str) -> str:
        """The commit that the dataset's main branch is at.

        Raises:
            FetchError, ForbiddenError, MissingSourceError: the Hub does not say.
        """
        url = f"https://{HUB_HOST}/datasets/{repo}"
        with self._asking(url):
            info = HfApi(endpoint=self._endpoint, token=False).dataset_info(repo)
        return require_commit(info.sha or "", url)

    def files(self, repo: str, paths: Sequence[str], revision: str) -> dict[str, HubFile]:
        """Size and digests of the files at a commit; a path that is not there is left out."""
        with self._asking(f"https://{HUB_HOST}/datasets/{repo}"):
            api = HfApi(endpoint=self._endpoint, token=False)
            infos = api.get_paths_info(repo, list(paths), revision=revision, repo_type=REPO_TYPE)
        return {
            info.path: HubFile(info.path, info.size, info.blob_id, info.lfs.sha256 if info.lfs else None)
            for info in infos
            if isinstance(info, RepoFile)
        }

    def _compare_metadata(self, file: LockedFile, path: str, revision: str) -> None:
        url = hf_hub_url(file.hub_repo, path, repo_type=REPO_TYPE, revision=revision, endpoint=self._endpoint)
        with self._asking(file.url):
            found = get_hf_file_metadata(url, token=False, endpoint=self._endpoint)
        if found.commit_hash is None:
            raise FetchError(
                "the answer does not come from a Hub: it has no X-Repo-Commit header",
                file=file.url,
                remedy=f"Check the endpoint {self._endpoint} (AINA_ENDPOINTS) and any proxy in between.",
            )
        for what, expected, says in (
            ("commit", revision, found.commit_hash),
            ("digest", file.lfs_sha256 or file.git_blob_id, found.etag),
            ("bytes", file.bytes, found.size),
        ):
            if expected is not None and says is not None and expected != says:
                raise HashMismatchError(
                    f"the Hub's {what}: expected {expected}, found {says}", file=file.url, place=what
                )

    def _download(self, repo: str, path: str, revision: str, folder: Path) -> Path:
        url = f"https://{HUB_HOST}/datasets/{repo}/resolve/{revision}/{path}"
        with self._asking(url):
            for attempt in range(1, self._policy.attempts + 1):
                try:
                    return Path(
                        hf_hub_download(
                            repo,
                            path,
                            repo_type=REPO_TYPE,
                            revision=revision,
                            cache_dir=folder,
                            endpoint=self._endpoint,
                            token=False,
                        )
                    )
                except httpx2.NetworkError:
                    # A connection lost inside the content: the library resumes after a time-out or an
                    # early end, but not after a reset.
                    if attempt == self._policy.attempts:
                        raise
                    self._policy.sleep(self._policy.pause_seconds(attempt, None, url))
        raise AssertionError("unreachable: there is at least one attempt")

    @contextmanager
    def _asking(self, url: str) -> Iterator[None]:
        """Set the library up, and give its exceptions as ours."""
        if is_offline_mode():
            raise FetchError(
                "huggingface_hub is in offline mode",
                file=url,
                remedy="Unset HF_HUB_OFFLINE, or use AINA_SOURCES=mirror.",
            )
        _install_client(self._settings)
        try:
            yield
        except HFValidationError as error:
            raise LockError(f"not a Hub repository's name: {error}", file=url) from error
        except (HfHubHTTPError, LocalEntryNotFoundError, EntryNotFoundError) as error:
            raise _from_hub(error, url) from error
        except (httpx2.HTTPError, FileMetadataError) as error:
            raise FetchError(f"{type(error).__name__}: {error}", file=url) from error
        except OSError as error:
            # The library's own check of the size, a plain OSError with a text alone.
            if error.errno is None and "Consistency check failed" in str(error):
                raise TruncatedFileError(str(error).split("\n", maxsplit=1)[0], file=url) from error
            raise


def repo_path(file: LockedFile) -> str:
    """A Hub file's path inside its repository: what follows `resolve/<revision>/`."""
    return file.mirror_path.split("/", 6)[6]


def _verify_blob_id(fetched: Path, file: LockedFile, target: Path) -> None:
    if file.git_blob_id is not None:
        found = git_blob_id(fetched)
        if found != file.git_blob_id:
            raise HashMismatchError(
                f"{file.url}: git blob id: expected {file.git_blob_id}, found {found}", file=target
            )


def _from_hub(error: Exception, url: str) -> SourceError:
    """The typed error of what the library raised."""
    response = getattr(error, "response", None)
    if response is None and isinstance(error.__cause__, HfHubHTTPError):
        response = error.__cause__.response
    status = response.status_code if response is not None else 0
    said = " ".join(str(error).split())[:200]
    if status in FORBIDDEN_STATUSES:
        return ForbiddenError(
            f"refused with HTTP {status}: {said}",
            file=url,
            remedy="See on the Hub whether the dataset is still there and public.",
        )
    if status in GONE_STATUSES:
        return MissingSourceError(
            f"not on the Hub: HTTP {status}: {said}",
            file=url,
            remedy="See what upstream has now with `aina sources drift`.",
        )
    return FetchError(said, file=url)


class _PoliteClient(httpx2.Client):
    """The library's HTTP client with our time-outs and bounded retries.

    `send` is what both its plain and its streaming calls come down to. Once the attempts are used up it
    raises a FetchError, which the library's own retry loops let through.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(follow_redirects=True)
        self._policy = RetryPolicy(settings.http_attempts, settings.http_backoff_seconds)
        self._agent = user_agent(settings)
        self._limits = httpx2.Timeout(
            settings.http_read_timeout_seconds, connect=settings.http_connect_timeout_seconds
        ).as_dict()

    def send(self, request: httpx2.Request, **kwargs: Any) -> httpx2.Response:
        request.extensions = {**request.extensions, "timeout": self._limits}
        request.headers["User-Agent"] = f"{self._agent}; {request.headers.get('User-Agent', '')}"
        url = str(request.url)
        for attempt in range(1, self._policy.attempts + 1):
            retry_after: str | None = None
            try:
                response = super().send(request, **kwargs)
            except httpx2.TransportError as error:
                fault = FetchError(f"gave up after {attempt} attempts: {error!r}", file=url)
                fault.__cause__ = error
            else:
                if response.status_code not in RETRY_STATUSES:
                    _refuse_page(request, response)
                    return response
                fault = FetchError(f"gave up after {attempt} attempts: HTTP {response.status_code}", file=url)
                retry_after = response.headers.get("Retry-After")
                response.close()
            if attempt == self._policy.attempts:
                raise fault
            self._policy.sleep(self._policy.pause_seconds(attempt, retry_after, url))
        raise AssertionError("unreachable: there is at least one attempt")


def _refuse_page(request: httpx2.Request, response: httpx2.Response) -> None:
    # A proxy's login or block notice comes with status 200; the Hub serves data as anything but HTML.
    if request.method == "GET" and response.is_success and is_html(response.headers):
        words = page_text(response.read())
        response.close()
        raise HtmlInsteadOfDataError(
            f"a web page instead of data; it begins: {words!r}", file=str(request.url)
        )


def _install_client(settings: Settings) -> None:
    """Make the library use our client, once for the same settings: it is shared by all threads."""
    global _installed_for  # noqa: PLW0603  the library's client is a process-wide state too
    wanted = (
        settings.contact,
        settings.http_attempts,
        settings.http_backoff_seconds,
        settings.http_connect_timeout_seconds,
        settings.http_read_timeout_seconds,
    )
    with _client_guard:
        if _installed_for == wanted:
            return
        # As attributes, not as environment variables: the library reads those at import alone, and
        # somebody may have imported it before. Telemetry off also stops it from asking the real Hub for
        # a list of agents while it talks to an endpoint of our choice. Xet would go past our client.
        constants.HF_HUB_DISABLE_TELEMETRY = True
        constants.HF_HUB_DISABLE_XET = True
        constants.HF_HUB_DOWNLOAD_TIMEOUT = max(1, round(settings.http_read_timeout_seconds))
        disable_progress_bars()
        set_client_factory(lambda: _PoliteClient(settings))
        _installed_for = wanted

"""What every fetch that goes wrong must hold to, whichever client fetched.

Belongs here: the one assertion of that, and its helpers. Does not: faults (see `loopback`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aina_assets.core.errors import AinaError
from aina_assets.core.settings import Settings
from aina_assets.core.storage import DataRoot
from aina_assets.sources.lock import LockedFile
from aina_assets.sources.upstream.http import HttpClient
from aina_assets.sources.upstream.live import LiveLane

OLD = b"the last good file"


def leave_old_file(data: Path, file: LockedFile) -> Path:
    target = DataRoot(data).downloads / file.mirror_path
    target.parent.mkdir(parents=True)
    target.write_bytes(OLD)
    return target


def files_below(data: Path) -> set[Path]:
    return {path for path in data.rglob("*") if not path.is_dir()}


def assert_fault(
    settings: Settings,
    file: LockedFile,
    expected: type[AinaError],
    *,
    named: str | None = None,
    http: HttpClient | None = None,
) -> AinaError:
    """Fetching raises exactly that error, names the file, and leaves the last good one alone in its place."""
    target = leave_old_file(settings.data, file)
    with pytest.raises(AinaError) as caught:
        LiveLane(settings, http=http).locate(file)
    assert type(caught.value) is expected, caught.value
    assert (named or file.mirror_path.rsplit("/", 1)[-1]) in str(caught.value).replace("%20", " ")
    assert caught.value.file
    assert ".part" not in str(caught.value), "the temporary file is gone when somebody reads this"
    assert "fetch-" not in str(caught.value)
    assert caught.value.remedy
    assert target.read_bytes() == OLD
    assert files_below(settings.data) == {target}
    assert not list(DataRoot(settings.data).cache.glob("*"))
    return caught.value


def fill_the_disk_for(monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    """Have the system itself refuse every byte written to files of that suffix, as a full disk does."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    real_open = Path.open

    def open_on_a_full_disk(self: Path, *args: Any, **kwargs: Any) -> Any:
        return real_open(Path("/dev/full") if self.suffix == suffix else self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", open_on_a_full_disk)

"""OEWS through the BLS Public Data API: the lane of least authority, for series asked for by id.

Belongs here: bringing cached answers to hand as a source's files, and reading them into their table.
Does not: asking BLS (see `bls_api`).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa

from aina_assets.core.errors import BlsApiError, BlsSeriesError, CellError, SourceError
from aina_assets.core.settings import Lane, Settings
from aina_assets.core.storage import DataRoot, sha256_file
from aina_assets.sources.acquire import AcquiredFile, SourceFiles
from aina_assets.sources.lock import FileRecord
from aina_assets.sources.readers.oews_flat_line import DATA_TYPES, WITHHELD
from aina_assets.sources.tables.bls import API, OEWS_API
from aina_assets.sources.upstream.bls_api import CACHE_PATH, BlsApi, check_series_id, read_observation

VINTAGE = "BLS API v2"
# Stricter than float(), which takes "nan", "inf" and "1_000".
FIGURE = re.compile(r"\d{1,3}(,\d{3})*(\.\d+)?|\d+(\.\d+)?")


def acquire_api(settings: Settings) -> SourceFiles:
    """The cached answers of the series that the settings name (`AINA_BLS_SERIES`).

    The live lane asks BLS for what is not cached; a mirror is looked through; the starter has none.

    Raises:
        SourceError: see `BlsApi.fetch`.
    """
    roots = _roots(settings)
    files: dict[str, AcquiredFile] = {}
    for series_id in map(check_series_id, settings.bls_series):
        name = f"{series_id}.json"
        path = next(
            (root / CACHE_PATH / name for root in roots if (root / CACHE_PATH / name).is_file()), None
        )
        if path is not None:
            files[name] = AcquiredFile(path, _record(path))
    return SourceFiles(API, VINTAGE, "v2", files)


def _roots(settings: Settings) -> tuple[Path, ...]:
    if settings.sources is Lane.LIVE and settings.bls_series:
        BlsApi(settings).fetch(
            settings.bls_series, start_year=settings.bls_start_year, end_year=settings.bls_end_year
        )
        return (DataRoot(settings.data).downloads,)
    return settings.mirror if settings.sources is Lane.MIRROR else ()


def _record(path: Path) -> FileRecord:
    return FileRecord(
        source=API,
        vintage=VINTAGE,
        layout="v2",
        name=path.name,
        bytes=path.stat().st_size,
        sha256=sha256_file(path),
        licence="public domain (U.S. government work)",
        attribution="BLS.gov cannot vouch for the data or analyses derived from these data after the data "
        "have been retrieved from BLS.gov.",
    )


def read_observations(files: SourceFiles) -> pa.Table:
    """One row a series and year; `source_row` is the observation's position in its answer.

    Raises:
        SourceError: a cached answer is damaged.
        CellError: a value is neither a number nor withheld with a footnote that says why.
    """
    rows = [row for name in sorted(files.files) for row in _rows(files, name)]
    return OEWS_API.conform(pa.Table.from_pylist(rows, schema=OEWS_API.arrow_schema))


def _rows(files: SourceFiles, name: str) -> list[dict[str, Any]]:
    path = files.path(name)
    series_id = check_series_id(name.removesuffix(".json"))
    try:
        data = list(json.loads(path.read_bytes())["data"])
        observations = [read_observation(series_id, raw) for raw in data]
    except (ValueError, KeyError, TypeError, BlsApiError) as error:
        raise SourceError(
            f"not a cached answer: {error.message if isinstance(error, BlsApiError) else error}",
            file=path,
            remedy="Delete it; the next live build asks again.",
        ) from error
    measure = DATA_TYPES.get(series_id[23:25])
    if measure is None:
        raise BlsSeriesError(f"{series_id} is of no data type that is known", file=path, place=series_id)
    rows = []
    for number, observation in enumerate(observations, 1):
        codes = [note.code for note in observation.footnotes]
        value, status = _typed(observation.value, codes, path, f"observation {number}")
        rows.append(
            {
                "vintage": files.vintage,
                "source_file": name,
                "source_row": number,
                "series_id": series_id,
                "area_type": series_id[3],
                "area_code": series_id[4:11],
                "industry_code": series_id[11:17],
                "occupation_code": f"{series_id[17:19]}-{series_id[19:23]}",
                "measure": measure,
                "year": observation.year,
                "value": value,
                "value_status": status,
                "footnote_codes": ",".join(codes) or None,
            }
        )
    return rows


def _typed(text: str | None, codes: list[str], path: Path, place: str) -> tuple[float | None, str]:
    if text is None:
        reason = next((WITHHELD[code] for code in codes if code in WITHHELD), None)
        if reason is None:
            raise CellError("no value and no footnote that says why", file=path, place=place)
        return None, reason
    if not FIGURE.fullmatch(text):
        raise CellError(f"{text!r} is not a number", file=path, place=place)
    return float(text.replace(",", "")), "published"

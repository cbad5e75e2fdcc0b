"""BLS Public Data API v2: single OEWS series, cached so that nothing is asked twice.

Belongs here: series ids, the API's limits and its answers, each series' cached answer, the day's count
of queries. Does not: what a series measures, or which source has authority over it.

The API answers HTTP 200 whatever happens. What it says, seen in public clients' recorded answers:
- `REQUEST_SUCCEEDED`, also for an unknown series, which comes with no data and is named in `message`
  ("Series does not exist for Series X", "Invalid Series for Series X");
- `REQUEST_PARTIALLY_PROCESSED`, with the same messages beside the series that came;
- `REQUEST_NOT_PROCESSED`: the daily threshold (a message that may name the key) or an invalid key;
- `Results` is an object with `series`, in older documentation a list of one such object;
- footnotes are often one empty object; a value of "-" was not released (footnote 8) or is top-coded (5).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aina_assets.core.errors import BlsApiError, BlsKeyError, BlsQuotaError, BlsSeriesError
from aina_assets.core.settings import Settings
from aina_assets.core.storage import DataRoot, write_json
from aina_assets.sources.upstream.bls_quota import DailyQuota

if TYPE_CHECKING:
    from aina_assets.sources.upstream.http import HttpClient

API_URL = "https://api.bls.gov/publicAPI/v2/timeseries/data/"
CACHE_PATH = "api.bls.gov/publicAPI/v2/timeseries/data"
# OE, U (not seasonally adjusted), area type, area, industry (may hold letters and dashes), SOC, data type.
SERIES_ID = re.compile(r"OEU[NSM][0-9]{7}[0-9A-Z-]{6}[0-9]{6}[0-9]{2}")
NOT_RELEASED = "-"

_UNKNOWN = re.compile(r"(?:does not exist|invalid series) for series:?\s+(?:id:?\s+)?(\S+)", re.IGNORECASE)
_QUOTA = re.compile(r"threshold|exceeded the number of requests|daily limit", re.IGNORECASE)
_KEY = re.compile(r"\bkey\b.*\binvalid\b|\binvalid\b.*\bkey\b", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    """What one user may ask."""

    series_per_query: int
    queries_per_day: int
    years_per_query: int


KEYLESS = Limits(series_per_query=25, queries_per_day=25, years_per_query=10)
REGISTERED = Limits(series_per_query=50, queries_per_day=500, years_per_query=20)


@dataclass(frozen=True)
class Footnote:
    """A reason that BLS gives beside a value."""

    code: str
    text: str


@dataclass(frozen=True)
class Observation:
    """One value of one series. The unit is the series' data type's."""

    series_id: str
    year: int
    period: str
    value: str | None
    """As BLS wrote it; None where BLS printed "-": not released, or top-coded. The footnotes tell which."""
    footnotes: tuple[Footnote, ...]


@dataclass(frozen=True)
class BlsAnswer:
    """What is known of the series asked for."""

    observations: tuple[Observation, ...]
    unknown: tuple[str, ...]
    """Series that BLS does not have, asked for beside others that it has."""
    messages: tuple[str, ...]
    queries: int
    """Queries that this answer cost; 0 where the cache had everything."""


@dataclass(frozen=True)
class _Span:
    start_year: int
    end_year: int

    def holds(self, other: _Span) -> bool:
        return self.start_year <= other.start_year and other.end_year <= self.end_year


def check_series_id(series_id: str) -> str:
    """Give an OEWS series id back if it is well formed.

    Raises:
        BlsSeriesError: it is not; asking would only cost a query.
    """
    if not SERIES_ID.fullmatch(series_id):
        raise BlsSeriesError(
            f"malformed OEWS series id {series_id!r} ({len(series_id)} characters)", place=series_id
        )
    return series_id


def utc_today() -> date:
    """The day that queries are counted in."""
    return datetime.now(UTC).date()


class BlsApi:
    """The BLS API behind a cache of series in the data root.

    Args:
        today: the current UTC day.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        http: HttpClient | None = None,
        today: Callable[[], date] = utc_today,
    ) -> None:
        # Imported here so that reading cached answers does not pay for the network client.
        from aina_assets.sources.upstream.http import HttpClient  # noqa: PLC0415

        root = DataRoot(settings.data)
        self._key = settings.bls_api_key.get_secret_value() if settings.bls_api_key else None
        self.limits = REGISTERED if self._key else KEYLESS
        self._http = http or HttpClient(settings)
        self._cache = root.downloads / CACHE_PATH
        self._today = today
        self._quota = DailyQuota(root.cache, self._key, self.limits.queries_per_day, today)

    def fetch(self, series_ids: Iterable[str], *, start_year: int, end_year: int) -> BlsAnswer:
        """The observations of the series in those years, asking BLS only for what is not cached.

        What came before a fault is cached, so the next call goes on from there.

        Raises:
            BlsSeriesError: an id is malformed, or BLS knows none of the series.
            BlsQuotaError: the day's queries are used up, by our count or by BLS's.
            BlsKeyError: the registration key is not valid.
            BlsApiError: BLS refused for another reason, or left a series out.
            FetchError, ForbiddenError: there is no answer.
        """
        wanted = tuple(dict.fromkeys(check_series_id(series_id) for series_id in series_ids))
        span = self._checked_span(start_year, end_year)
        missing = [series_id for series_id in wanted if self._cached(series_id, span) is None]
        unknown: list[str] = []
        messages: list[str] = []
        queries = 0
        for chunk in _chunks(missing, self.limits.series_per_query):
            answer = self._ask(chunk, span)
            queries += 1
            unknown += self._keep(answer, chunk, span)
            messages += self._messages(answer)
        if unknown and len(unknown) == len(wanted):
            raise BlsSeriesError(f"BLS has none of the series: {', '.join(unknown)}", place=unknown[0])
        observations = [item for series_id in wanted for item in self._cached(series_id, span) or ()]
        return BlsAnswer(tuple(observations), tuple(unknown), tuple(messages), queries)

    def _checked_span(self, start_year: int, end_year: int) -> _Span:
        years = end_year - start_year + 1
        if not 1 <= years <= self.limits.years_per_query:
            raise BlsApiError(
                f"{start_year} to {end_year}: BLS gives 1 to {self.limits.years_per_query} years a query",
                remedy="Ask for fewer years; a registration key (AINA_BLS_API_KEY) allows 20.",
            )
        return _Span(start_year, end_year)

    def _path(self, series_id: str) -> Path:
        return self._cache / f"{series_id}.json"

    def _cached(self, series_id: str, span: _Span) -> tuple[Observation, ...] | None:
        """A series' observations of those years, or None where they must be asked for."""
        # A damaged cache file is as good as none: BLS still has the series.
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError, BlsApiError):
            entry = json.loads(self._path(series_id).read_bytes())
            if _Span(entry["start_year"], entry["end_year"]).holds(span):
                items = (read_observation(series_id, raw) for raw in entry["data"])
                return tuple(i for i in items if span.start_year <= i.year <= span.end_year)
        return None

    def _ask(self, series_ids: Sequence[str], span: _Span) -> Mapping[str, Any]:
        payload: dict[str, Any] = {
            "seriesid": list(series_ids),
            "startyear": str(span.start_year),
            "endyear": str(span.end_year),
        }
        if self._key:
            payload["registrationkey"] = self._key
        answer = self._http.post_json(API_URL, payload, before_attempt=self._quota.take)
        if not isinstance(answer, dict):
            raise BlsApiError(f"not an object: {str(answer)[:80]!r}", file=API_URL)
        self._refuse(answer)
        return answer

    def _refuse(self, answer: Mapping[str, Any]) -> None:
        status = str(answer.get("status"))
        messages = self._messages(answer)
        said = f"{status}: {' '.join(messages) or 'no message'}"
        # The threshold first: its message may name the key, which is not at fault.
        if status != "REQUEST_SUCCEEDED" and any(_QUOTA.search(message) for message in messages):
            self._quota.exhaust()
            raise BlsQuotaError(said, file=API_URL)
        if status != "REQUEST_SUCCEEDED" and any(_KEY.search(message) for message in messages):
            raise BlsKeyError(said, file=API_URL, place="registrationkey")
        if status in ("REQUEST_SUCCEEDED", "REQUEST_PARTIALLY_PROCESSED"):
            return
        unknown = unknown_series(messages)
        if unknown:
            raise BlsSeriesError(said, file=API_URL, place=unknown[0])
        raise BlsApiError(said, file=API_URL)

    def _messages(self, answer: Mapping[str, Any]) -> list[str]:
        """What BLS said, without our key: it repeats an invalid one."""
        raw = answer.get("message")
        texts = [str(text) for text in (raw if isinstance(raw, list) else [raw]) if text]
        return [text.replace(self._key, "***") if self._key else text for text in texts]

    def _keep(self, answer: Mapping[str, Any], asked: Sequence[str], span: _Span) -> list[str]:
        """Cache each series that came; give those that BLS does not have.

        Those are not cached: BLS may add them.
        """
        unknown = [name for name in unknown_series(self._messages(answer)) if name in asked]
        came = {str(block.get("seriesID")): block for block in series_blocks(answer)}
        for series_id in asked:
            if series_id in came and series_id not in unknown:
                self._write(series_id, span, came[series_id].get("data") or [])
        left_out = [name for name in asked if name not in came and name not in unknown]
        if left_out:
            raise BlsApiError(
                f"{len(left_out)} of {len(asked)} series are not in the answer, the first is {left_out[0]}",
                file=API_URL,
                place=left_out[0],
                remedy="Try again; what came is cached.",
            )
        return unknown

    def _write(self, series_id: str, span: _Span, data: Any) -> None:
        for raw in data:
            read_observation(series_id, raw)
        write_json(
            self._path(series_id),
            {
                "series_id": series_id,
                "start_year": span.start_year,
                "end_year": span.end_year,
                "retrieved": self._today().isoformat(),
                "data": data,
            },
        )


def series_blocks(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The series in an answer, in either of the shapes of `Results`.

    Raises:
        BlsApiError: `Results` is neither.
    """
    results = answer.get("Results") or {}
    holders = results if isinstance(results, list) else [results]
    blocks: list[Mapping[str, Any]] = []
    for holder in holders:
        series = holder.get("series", []) if isinstance(holder, dict) else None
        if not isinstance(series, list) or not all(isinstance(block, dict) for block in series):
            raise BlsApiError("unexpected shape of the answer", file=API_URL, place="Results.series")
        blocks += series
    return blocks


def unknown_series(messages: Iterable[str]) -> list[str]:
    """The series that the messages say do not exist."""
    return [match.group(1).rstrip(".") for text in messages for match in _UNKNOWN.finditer(text)]


def read_observation(series_id: str, raw: Any) -> Observation:
    """One observation as BLS serves it.

    Raises:
        BlsApiError: it lacks a field.
    """
    try:
        value = str(raw["value"]).strip()
        footnotes = tuple(
            Footnote(str(note["code"]), str(note.get("text", "")))
            for note in raw.get("footnotes") or ()
            if note and note.get("code")
        )
        return Observation(
            series_id,
            int(raw["year"]),
            str(raw["period"]),
            None if value == NOT_RELEASED else value,
            footnotes,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BlsApiError(f"not an observation: {raw!r}", file=API_URL, place=series_id) from error


def _chunks(items: Sequence[str], size: int) -> list[Sequence[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]

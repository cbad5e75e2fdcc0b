"""The warehouse's receipts: which source has authority over what, and what the Hub sources gave."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from aina_assets.core.engine import Engine
from aina_assets.core.receipts import Predicate, write_receipt
from aina_assets.core.store import NOT_AVAILABLE
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.lock import LockedFile
from aina_assets.sources.receipts import SNAPSHOT

AUTHORITY = "source_authority_beta_wedge_audit_v1"
HUB_MAP = "hf_runtime_map_receipt_v1"

# Which source has authority over each family of facts, and the table that holds them. Where several
# could speak, they stand in the order of their authority.
FACT_FAMILIES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("occupations", (("onet", "onet_occupation"),)),
    ("task statements", (("onet", "onet_task"),)),
    ("task ratings", (("onet", "onet_task_rating"),)),
    ("alternate titles", (("onet", "onet_job_title"),)),
    ("reported titles", (("onet", "onet_reported_title"),)),
    ("direct match titles", (("soc", "soc_direct_match_title"),)),
    ("technologies", (("onet", "onet_software_skill"),)),
    ("work activities", (("onet", "onet_dwa"),)),
    ("job zones", (("onet", "onet_job_zone"),)),
    ("education", (("onet", "onet_education"),)),
    ("related occupations", (("onet", "onet_related_occupation"),)),
    ("occupational classification", (("soc", "soc_group"),)),
    ("observed exposure", (("economic_index", "aei_job_exposure"),)),
    ("task penetration", (("economic_index", "aei_task_penetration"),)),
    ("task usage", (("economic_index", "aei_task_usage"),)),
    ("automation against augmentation", (("economic_index", "aei_task_collaboration"),)),
    ("thinking fractions", (("economic_index", "aei_task_thinking"),)),
    ("legacy wages", (("economic_index", "aei_legacy_wage"),)),
    (
        "employment and wages",
        (
            ("oews_flat", "oews_flat"),
            ("oews_national", "oews_national"),
            ("oews_api", "oews_api_observation"),
        ),
    ),
    ("practice tasks", (("gdpval", "gdpval_task"),)),
    ("title inventory", (("titles", "title_list"),)),
)


class FactFamily(BaseModel):
    """A family of facts and the source that speaks for it in this state."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    family: str
    authority: str = Field(description="source with authority in this state; the first that is available")
    table: str
    vintage: str
    rows: int = Field(ge=0)
    status: Literal["available", "not_available"]
    lanes_by_authority: tuple[str, ...] = Field(description="all sources that could speak, best first")
    not_available: tuple[str, ...] = Field(description="those of them that this state lacks")


class SourceAuthority(Predicate):
    """For each family of facts: which source is its authority, how many rows, what is not available."""

    lane: Literal["starter", "mirror", "live"]
    families: tuple[FactFamily, ...]
    families_available: int = Field(ge=0)
    families_not_available: tuple[str, ...]


class HubDataset(BaseModel):
    """A Hub dataset that the engine reads at run time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    repository: str
    revision: str = Field(pattern=r"^[0-9a-f]{40}$")
    selected_files: int = Field(ge=1)
    verified_files: int = Field(ge=0)
    bytes: int = Field(ge=0)


class HubRuntimeMap(Predicate):
    """What the Hub sources gave: files verified at the locked revision, and the figures made of them."""

    lane: Literal["starter", "mirror", "live"]
    hub_sources: int = Field(ge=0)
    selected_files: int = Field(ge=0)
    verified_files: int = Field(ge=0)
    bytes: int = Field(ge=0)
    job_exposure_soc_rows: int = Field(ge=0)
    legacy_signal_soc_codes: int = Field(ge=0)
    gdpval_tasks: int = Field(ge=0)
    gdpval_rubric_items: int = Field(ge=0)
    mapped_soc_entries: int = Field(ge=0)
    datasets: tuple[HubDataset, ...]


def write_authority(engine: Engine) -> tuple[Path, SourceAuthority]:
    """Write the authority receipt; its subjects are the tables that hold the facts."""
    families = tuple(_family(engine, name, lanes) for name, lanes in FACT_FAMILIES)
    predicate = SourceAuthority(
        lane=engine.settings.sources.value,
        families=families,
        families_available=sum(family.status == "available" for family in families),
        families_not_available=tuple(f.family for f in families if f.status == NOT_AVAILABLE),
    )
    tables = {table for _, lanes in FACT_FAMILIES for _, table in lanes}
    digests = {f"tables/{table}.parquet": engine.store.info(table).sha256 for table in tables}
    path = write_receipt(engine.data.receipts, AUTHORITY, digests, predicate, rests_on=[SNAPSHOT])
    return path, predicate


def _family(engine: Engine, name: str, lanes: tuple[tuple[str, str], ...]) -> FactFamily:
    infos = {source: engine.store.info(table) for source, table in lanes}
    # A source may be there and lack this one table (O*NET without Task Ratings): rows decide.
    lacking = tuple(source for source, info in infos.items() if info.rows == 0)
    authority, table = next(((s, t) for s, t in lanes if s not in lacking), lanes[0])
    info = infos[authority]
    return FactFamily(
        family=name,
        authority=authority,
        table=table,
        vintage=info.provenance.vintages[authority],
        rows=info.rows,
        status="not_available" if authority in lacking else "available",
        lanes_by_authority=tuple(source for source, _ in lanes),
        not_available=lacking,
    )


def write_hub_map(engine: Engine, hub_files: dict[str, SourceFiles]) -> tuple[Path, HubRuntimeMap]:
    """Write the Hub receipt; its subjects are the Hub files and the tables that the figures are of.

    Args:
        hub_files: the Hub sources' files, which were held against the lock when they were acquired.
    """
    datasets = tuple(_dataset(files) for files in hub_files.values())
    store = engine.store
    legacy = store.read("aei_legacy_wage").column("legacy_soc_code")
    predicate = HubRuntimeMap(
        lane=engine.settings.sources.value,
        hub_sources=len(datasets),
        selected_files=sum(dataset.selected_files for dataset in datasets),
        verified_files=sum(dataset.verified_files for dataset in datasets),
        bytes=sum(dataset.bytes for dataset in datasets),
        job_exposure_soc_rows=store.info("aei_job_exposure").rows,
        legacy_signal_soc_codes=pc.count_distinct(legacy).as_py(),
        gdpval_tasks=store.info("gdpval_task").rows,
        gdpval_rubric_items=store.info("gdpval_rubric_item").rows,
        mapped_soc_entries=store.info("soc_mapped_entry").rows,
        datasets=datasets,
    )
    digests = {
        f"{source}/{name}": digest
        for source, files in hub_files.items()
        for name, digest in files.digests().items()
    }
    for table in ("aei_job_exposure", "aei_legacy_wage", "gdpval_task", "gdpval_rubric_item"):
        digests[f"tables/{table}.parquet"] = store.info(table).sha256
    digests["tables/soc_mapped_entry.parquet"] = store.info("soc_mapped_entry").sha256
    path = write_receipt(engine.data.receipts, HUB_MAP, digests, predicate, rests_on=[SNAPSHOT])
    return path, predicate


def _dataset(files: SourceFiles) -> HubDataset:
    records = [file.record for file in files.files.values() if isinstance(file.record, LockedFile)]
    return HubDataset(
        source=files.source,
        repository=records[0].hub_repo,
        revision=records[0].revision or "",
        selected_files=len(records),
        verified_files=len(files.files),
        bytes=sum(record.bytes for record in records),
    )

"""The catalog: every source with its publisher, its tables and the readers that fill them.

Add a source here, its contracts in `tables/`, its reader beside the others, its page in docs/sources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from aina_assets.core.contracts import TableContract
from aina_assets.core.settings import Settings
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.readers import (
    economic_index,
    gdpval,
    oews_api,
    oews_flat,
    oews_workbook,
    onet,
    soc,
    title_list,
)
from aina_assets.sources.tables import bls as bls_tables
from aina_assets.sources.tables import hub as hub_tables
from aina_assets.sources.tables import onet as onet_tables
from aina_assets.sources.tables import soc as soc_tables
from aina_assets.sources.tables import title_list as title_tables

Reader = Callable[[SourceFiles], pa.Table]
# A table too large for memory: given the files, the target, the file metadata and the settings, its
# writer streams the Parquet file and returns the number of rows.
Writer = Callable[[SourceFiles, Path, Mapping[str, str], Settings], int]


@dataclass(frozen=True)
class Source:
    """An upstream publisher's file set.

    Attributes:
        id: the source's id, as in the lock.
        publisher: who publishes it.
        summary: one plain sentence.
        upstream: where it is published.
        kind: file format, for the UI.
        cadence: how often upstream publishes.
        cadence_days: the longest time between two of its releases, in days; within it somebody has to have
            held the files against the lock. None where there are no releases.
        contracts: tables made from it.
        readers: table name to reader.
        writers: table name to streaming writer, for tables too large to read at once.
    """

    id: str
    publisher: str
    summary: str
    upstream: str
    kind: str
    cadence: str
    cadence_days: int | None
    contracts: tuple[TableContract, ...]
    readers: Mapping[str, Reader]
    writers: Mapping[str, Writer] = field(default_factory=dict)


def _write_oews_flat(
    files: SourceFiles, target: Path, metadata: Mapping[str, str], settings: Settings
) -> int:
    encoded = {key.encode(): value.encode() for key, value in metadata.items()}
    return oews_flat.write_oews_flat(files, target, threads=settings.duckdb_threads, metadata=encoded)


SOURCES: Mapping[str, Source] = {
    source.id: source
    for source in (
        Source(
            id="onet",
            publisher="National Center for O*NET Development, USDOL/ETA",
            summary="O*NET database: occupations, tasks, titles, activities, technologies, education.",
            upstream="https://www.onetcenter.org/database.html",
            kind="text",
            cadence="quarterly",
            cadence_days=100,
            contracts=onet_tables.CONTRACTS,
            readers=onet.READERS,
        ),
        Source(
            id="economic_index",
            publisher="Anthropic",
            summary="Anthropic Economic Index: where AI is seen at work, by task and occupation.",
            upstream="https://huggingface.co/datasets/Anthropic/EconomicIndex",
            kind="csv",
            cadence="irregular, every few months",
            cadence_days=120,
            contracts=hub_tables.ECONOMIC_INDEX_CONTRACTS,
            readers=economic_index.READERS,
        ),
        Source(
            id="gdpval",
            publisher="OpenAI",
            summary="GDPval: 220 work tasks of 44 occupations; ids, counts and digests alone leave it.",
            upstream="https://huggingface.co/datasets/openai/gdpval",
            kind="parquet",
            cadence="irregular",
            cadence_days=120,
            contracts=hub_tables.GDPVAL_CONTRACTS,
            readers=gdpval.READERS,
        ),
        Source(
            id="oews_flat",
            publisher="U.S. Bureau of Labor Statistics",
            summary="OEWS full flat file: employment and wages by area, industry and occupation.",
            upstream="https://download.bls.gov/pub/time.series/oe/",
            kind="text",
            cadence="yearly, in spring",
            cadence_days=380,
            contracts=(bls_tables.OEWS_FLAT, bls_tables.OEWS_AREA, bls_tables.OEWS_FOOTNOTE),
            readers=oews_flat.READERS,
            writers={bls_tables.OEWS_FLAT.name: _write_oews_flat},
        ),
        Source(
            id="oews_national",
            publisher="U.S. Bureau of Labor Statistics",
            summary="OEWS national workbook: employment and wages by occupation.",
            upstream="https://www.bls.gov/oes/tables.htm",
            kind="excel",
            cadence="yearly, in spring",
            cadence_days=380,
            contracts=(bls_tables.OEWS_NATIONAL,),
            readers={bls_tables.OEWS_NATIONAL.name: oews_workbook.read_oews_national},
        ),
        Source(
            id="oews_api",
            publisher="U.S. Bureau of Labor Statistics",
            summary="OEWS series asked of the BLS Public Data API by id.",
            upstream="https://www.bls.gov/developers/",
            kind="json",
            cadence="yearly, in spring",
            cadence_days=380,
            contracts=(bls_tables.OEWS_API,),
            readers={bls_tables.OEWS_API.name: oews_api.read_observations},
        ),
        Source(
            id="soc",
            publisher="U.S. Bureau of Labor Statistics; National Center for O*NET Development",
            summary="SOC 2018 structure, definitions, direct match titles; O*NET-SOC 2019 crosswalk.",
            upstream="https://www.bls.gov/soc/2018/home.htm",
            kind="excel",
            cadence="every ten years or so",
            cadence_days=3653,
            contracts=soc_tables.CONTRACTS,
            readers=soc.READERS,
        ),
        Source(
            id="titles",
            publisher="whoever gave the inventory",
            summary="The title inventory: messy real job titles, one a line.",
            upstream="AINA_TITLES",
            kind="text",
            cadence="as given",
            cadence_days=None,
            contracts=title_tables.CONTRACTS,
            readers=title_list.READERS,
        ),
    )
}

CONTRACTS: Mapping[str, TableContract] = {
    contract.name: contract for source in SOURCES.values() for contract in source.contracts
}

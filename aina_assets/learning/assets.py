"""Learning in Dagster: the sandbox's tables, the learner model's figures, the cohort, and four receipts."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import dagster as dg

from aina_assets.core.assets import asset_spec, receipt_result, table_result, table_spec
from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.progress import Step, report
from aina_assets.core.store import code_version
from aina_assets.learning.make import (
    CODE_FOLDERS,
    COHORT_INPUTS,
    KIND_INPUTS,
    LINK_INPUTS,
    LearningStage,
    Made,
)
from aina_assets.learning.receipts import (
    REPLAY,
    RUBRIC_MAP,
    SAFETY_HOLDS,
    SANDBOX,
    write_replay,
    write_rubric_map,
    write_safety_holds,
    write_sandbox,
)
from aina_assets.learning.tables import (
    COHORT_TABLES,
    GDPVAL_ROLE_LINK,
    GDPVAL_RUBRIC_KIND,
    LEARNER_COHORT,
    LEARNER_EVENT,
    LEARNER_MODEL_FIGURE,
    LEARNER_RECORD,
)
from aina_assets.sources.assets import files_key
from aina_assets.sources.catalog import SOURCES

GROUP = "learning"
GDPVAL_FILES = files_key(SOURCES["gdpval"])
CODE = code_version(*CODE_FOLDERS)


def _table_asset(
    contract: TableContract, deps: Sequence[str], make: Callable[[LearningStage], Made]
) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=contract.name, specs=[table_spec(contract, group=GROUP, code_version=CODE, deps=deps)]
    )
    def make_table(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
        start = perf_counter()
        info, is_made = make(LearningStage(engine))
        report(Step(GROUP, contract.name, info.rows, perf_counter() - start, is_reused=not is_made))
        return table_result(info, engine.store, is_reused=not is_made)

    return make_table


@dg.multi_asset(
    name="learner_cohort_tables",
    specs=[
        table_spec(contract, group=GROUP, code_version=CODE, deps=COHORT_INPUTS) for contract in COHORT_TABLES
    ],
)
def learner_cohort_tables(engine: dg.ResourceParam[Engine]) -> Iterator[dg.MaterializeResult[Any]]:
    """A cohort of synthetic learners, walked from the first word to the record."""
    start = perf_counter()
    made = LearningStage(engine).cohort()
    for contract in COHORT_TABLES:
        info, is_made = made[contract.name]
        report(Step(GROUP, contract.name, info.rows, perf_counter() - start, is_reused=not is_made))
        yield table_result(info, engine.store, is_reused=not is_made)


def _receipt_asset(
    name: str,
    description: str,
    deps: Sequence[str],
    write: Callable[[Engine], tuple[Path, Any]],
    table: TableContract,
) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=name,
        specs=[
            asset_spec(
                name, description, group=GROUP, kinds=("json", "receipt"), code_version=CODE, deps=deps
            )
        ],
    )
    def write_one(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
        start = perf_counter()
        path, predicate = write(engine)
        report(Step(GROUP, name, None, perf_counter() - start))
        vintages = engine.store.info(table.name).provenance.vintages
        return receipt_result(name, path, predicate.figures(), vintages)

    return write_one


ASSETS: list[dg.AssetsDefinition] = [
    _table_asset(GDPVAL_ROLE_LINK, LINK_INPUTS, LearningStage.gdpval_role_link),
    _table_asset(GDPVAL_RUBRIC_KIND, (*KIND_INPUTS, GDPVAL_FILES), LearningStage.gdpval_rubric_kind),
    _table_asset(LEARNER_MODEL_FIGURE, (), LearningStage.learner_model_figure),
    learner_cohort_tables,
    _receipt_asset(
        REPLAY,
        "The cohort's event log folded anew: what it came to, and that every way of folding comes to the "
        "same. An in-toto statement over the log and the records.",
        (LEARNER_EVENT.name, LEARNER_COHORT.name, LEARNER_RECORD.name, LEARNER_MODEL_FIGURE.name),
        write_replay,
        LEARNER_EVENT,
    ),
    _receipt_asset(
        SANDBOX,
        "Which GDPval tasks are shown beside which roles; their words stay in the publisher's file. An "
        "in-toto statement over the links.",
        (
            GDPVAL_ROLE_LINK.name,
            GDPVAL_RUBRIC_KIND.name,
            "gdpval_task",
            "gdpval_occupation_soc",
            GDPVAL_FILES,
        ),
        write_sandbox,
        GDPVAL_ROLE_LINK,
    ),
    _receipt_asset(
        RUBRIC_MAP,
        "What GDPval's rubrics ask for, by kind and by points, told without their words. An in-toto "
        "statement over the kinds.",
        (GDPVAL_RUBRIC_KIND.name, "gdpval_rubric_item"),
        write_rubric_map,
        GDPVAL_RUBRIC_KIND,
    ),
    _receipt_asset(
        SAFETY_HOLDS,
        "Why GDPval's tasks are looked at and not practised: attachments, licence, canary, scope, criteria. "
        "An in-toto statement over the files and tables that tell.",
        (GDPVAL_RUBRIC_KIND.name, "gdpval_task", "gdpval_occupation_soc", "soc_group", GDPVAL_FILES),
        write_safety_holds,
        GDPVAL_RUBRIC_KIND,
    ),
]

"""The asset graph as readable text, held against `graph.txt`. To write that file anew:

python -m aina_assets_tests.graph
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.definitions import BUILD_SELECTION, MAKERS, build_definitions
from aina_assets.warehouse.tables import product_contracts

COMMITTED = Path(__file__).with_name("graph.txt")
WIDTH = 110
EVERYTHING = "(every asset of the stages that make the state)"
ALL_TABLES = "(every table of the sources and the warehouse)"
PRODUCT_TABLES = {contract.name for contract in product_contracts()}
HEAD = """\
# Every asset by group: what it is made from (<-) and what is checked of it (?).
# `!`: the check blocks. `~`: it is not asked in a build. `*`: made, or checked, by partition.
# `=`: a table, of which `contract_holds` is checked too, and blocks (`=*`: by partition).
# Written by `python -m aina_assets_tests.graph`.
"""


def definitions() -> dg.Definitions:
    """The project's definitions; the settings do not change the graph."""
    return build_definitions(Settings(sources="starter", data=PROJECT_ROOT / "data" / "run"))


def graph_text(defs: dg.Definitions) -> str:
    """Groups, keys, dependencies, checks, jobs, schedules and sensors."""
    graph = defs.resolve_asset_graph()
    asked = BUILD_SELECTION.resolve_checks(graph)
    made = {spec.key.to_user_string() for definition in MAKERS for spec in definition.specs}
    lines = [HEAD.rstrip()]
    for group in sorted({graph.get(key).group_name for key in graph.get_all_asset_keys()}):
        lines += ["", f"[{group}]"]
        for key in sorted(key for key in graph.get_all_asset_keys() if graph.get(key).group_name == group):
            stars = "*" * (graph.get(key).partitions_def is not None)
            checks = [
                f"{check.name}{_marks(graph.get_check_spec(check), is_asked=check in asked)}"
                for check in graph.get_check_keys_for_assets({key})
            ]
            # Every table has this one: 70 lines would tell nothing else.
            usual = next((check for check in checks if check.startswith("contract_holds!")), None)
            told = f" ={usual.removeprefix('contract_holds!')}" if usual else ""
            checks = [check for check in checks if check != usual]
            parents = {parent.to_user_string() for parent in graph.get(key).parent_keys}
            parents = {EVERYTHING} if parents == made else parents
            parents = {ALL_TABLES} if parents == PRODUCT_TABLES else parents
            lines += _wrapped(f"{key.to_user_string()}{stars}{told}{' <-' * bool(parents)}", parents)
            lines += _wrapped("    ?", checks) if checks else []
    repository = defs.get_repository_def()
    schedules: dict[str, list[str]] = {}
    for schedule in repository.schedule_defs:
        schedules.setdefault(str(schedule.cron_schedule), []).append(f"{schedule.name}:{schedule.job_name}")
    lines += ["", "[automation]"]
    lines += _wrapped("jobs:", (name for name in repository.job_names if name[0] != "_"))
    for cron, names in sorted(schedules.items()):
        lines += _wrapped(f"schedules at {cron}, each with its job:", names)
    lines += _wrapped("sensors:", (sensor.name for sensor in repository.sensor_defs))
    return "\n".join(lines) + "\n"


def _marks(spec: dg.AssetCheckSpec, *, is_asked: bool) -> str:
    return "!" * spec.blocking + "~" * (not is_asked) + "*" * (spec.partitions_def is not None)


def _wrapped(start: str, names: Iterable[str]) -> list[str]:
    lines = [start]
    for name in sorted(names):
        if len(lines[-1]) + len(name) < WIDTH:
            lines[-1] += f" {name}"
        else:
            lines.append(f"       {name}")
    return lines


if __name__ == "__main__":
    COMMITTED.write_text(graph_text(definitions()), "utf-8")

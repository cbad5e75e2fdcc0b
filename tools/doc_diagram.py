"""The one diagram of the architecture: stages with their assets and checks, and what flows between them.

Made from the definitions, so that it cannot say another thing than Dagster's graph does.
"""

from __future__ import annotations

import re
from collections import Counter

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.definitions import ASSETS, CHECKS, STAGE_OF, STAGES

PAGE = PROJECT_ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- diagram from the code: begin -->", "<!-- diagram from the code: end -->"


def architecture_page() -> str:
    """The page with its diagram made anew; all else in it is written by hand.

    Raises:
        ValueError: the page lacks the marks that the diagram stands between.
    """
    text = PAGE.read_text("utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{PAGE.name} needs the marks {BEGIN} and {END}, once each")
    return re.sub(
        f"{re.escape(BEGIN)}.*{re.escape(END)}", f"{BEGIN}\n{diagram()}\n{END}", text, flags=re.DOTALL
    )


def diagram() -> str:
    """The diagram as Mermaid text: a node a stage, an edge where assets of one are made from the other's."""
    assets = Counter(STAGE_OF.values())
    checks = Counter(
        STAGE_OF[spec.asset_key.to_user_string()] for definition in CHECKS for spec in definition.check_specs
    )
    flows: Counter[tuple[str, str]] = Counter()
    for definition in ASSETS:
        for spec in definition.specs:
            stage = spec.group_name or ""
            befores = {STAGE_OF[dep.asset_key.to_user_string()] for dep in spec.deps}
            flows.update((before, stage) for before in befores if before != stage)
    lines = ["```mermaid", "flowchart TB"]
    lines += [
        f'  {stage}["<b>{stage}</b><br>{assets[stage]} assets, {checks[stage]} checks"]' for stage in STAGES
    ]
    order = {stage: place for place, stage in enumerate(STAGES)}
    for (before, stage), count in sorted(
        flows.items(), key=lambda flow: (order[flow[0][1]], order[flow[0][0]])
    ):
        lines.append(f"  {before} -->|{count}| {stage}")
    return "\n".join([*lines, "```"])

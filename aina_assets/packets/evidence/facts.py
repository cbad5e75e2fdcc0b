"""What is known of occupations beside their tasks: exposure, technologies, wages, practice, schooling.

Belongs here: joining rows into parts of the contract. Does not: choosing which a packet shows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from aina_assets.packets.evidence.rows import RowReader
from aina_assets.packets.parts import (
    EducationShare,
    Exposure,
    JobZone,
    PracticeTask,
    Technology,
    WageFigure,
    WageRelation,
)

WAGE_SOURCE = {"workbook": "oews_national", "flat": "oews_flat", "api": "oews_api"}
REQUIRED_EDUCATION = ("2.D.1", "RL")


@dataclass(frozen=True)
class Wage:
    """The OEWS row that speaks of a SOC detailed occupation."""

    oews_code: str | None
    relation: WageRelation
    shared_with_count: int


class Facts:
    """Facts of occupations and groups.

    Args:
        rows: the tables.
    """

    def __init__(self, rows: RowReader) -> None:
        self._rows = rows

    @cached_property
    def exposures(self) -> dict[str, Exposure]:
        """Observed exposure by SOC code."""
        return {
            code: Exposure(
                soc_code=code,
                value=value,
                released=None,
                origin=self._rows.origin("economic_index", file, row),
            )
            for code, value, file, row in self._rows.fetch(
                "select soc_code, observed_exposure, source_file, source_row from aei_job_exposure"
            )
        }

    @cached_property
    def technologies(self) -> dict[str, tuple[Technology, ...]]:
        """Technologies by occupation: in demand first, then hot ones, then by name."""
        found: dict[str, list[Technology]] = defaultdict(list)
        for code, name, category, is_hot, is_in_demand, file, row in self._rows.fetch(
            "select onet_soc_code, workplace_example, category_name, is_hot_technology, is_in_demand, "
            "source_file, source_row from onet_software_skill "
            "order by onet_soc_code, is_in_demand desc, is_hot_technology desc, workplace_example, source_row"
        ):
            found[code].append(
                Technology(
                    name=name,
                    category=category,
                    is_hot=is_hot,
                    is_in_demand=is_in_demand,
                    member_share=None,
                    origin=self._rows.origin("onet", file, row),
                )
            )
        return {code: tuple(items) for code, items in found.items()}

    @cached_property
    def wage_figures(self) -> dict[str, tuple[WageFigure, ...]]:
        """National figures by OEWS code."""
        found: dict[str, list[WageFigure]] = defaultdict(list)
        for code, measure, value, status, lane, file, row in self._rows.fetch(
            "select occupation_code, measure, value, value_status, lane, source_file, source_row "
            "from wage_fact order by 1, 2"
        ):
            found[code].append(
                WageFigure(
                    measure=measure,
                    value=value,
                    status=status,
                    origin=self._rows.origin(WAGE_SOURCE[lane], file, row),
                )
            )
        return {code: tuple(figures) for code, figures in found.items()}

    @cached_property
    def wages(self) -> dict[str, Wage]:
        """The OEWS row that speaks of each SOC detailed occupation."""
        return {
            code: Wage(oews_code, relation, shared)
            for code, oews_code, relation, shared in self._rows.fetch(
                "select soc_code, oews_code, relation, shared_with_count from oews_soc_rollup"
            )
        }

    @cached_property
    def practice(self) -> dict[str, tuple[PracticeTask, ...]]:
        """GDPval tasks by the SOC code that bears their occupation's name."""
        found: dict[str, list[PracticeTask]] = defaultdict(list)
        for code, task_id, occupation, sector, items, references, file, row in self._rows.fetch(
            "select g.soc_code, t.task_id, t.occupation, t.sector, t.rubric_item_count, "
            "t.reference_file_count, t.source_file, t.source_row "
            "from gdpval_task t join gdpval_occupation_soc g using (occupation) "
            "where g.soc_code is not null order by t.source_row"
        ):
            found[code].append(
                PracticeTask(
                    gdpval_task_id=task_id,
                    occupation=occupation,
                    sector=sector,
                    rubric_item_count=items,
                    reference_file_count=references,
                    origin=self._rows.origin("gdpval", file, row),
                )
            )
        return {code: tuple(tasks) for code, tasks in found.items()}

    @cached_property
    def job_zones(self) -> dict[str, JobZone]:
        """Job zones by occupation."""
        return {
            code: JobZone(
                zone=zone,
                name=name,
                education=education,
                experience=experience,
                training=training,
                origin=self._rows.origin("onet", file, row),
            )
            for code, zone, name, education, experience, training, file, row in self._rows.fetch(
                "select z.onet_soc_code, z.job_zone, r.name, r.education, r.experience, r.job_training, "
                "z.source_file, z.source_row from onet_job_zone z join onet_job_zone_reference r "
                "using (job_zone)"
            )
        }

    @cached_property
    def education(self) -> dict[str, tuple[EducationShare, ...]]:
        """Required level of education by occupation: the levels that some answer names."""
        found: dict[str, list[EducationShare]] = defaultdict(list)
        for code, category, level, percent, file, row in self._rows.fetch(
            "select e.onet_soc_code, e.category, c.category_description, e.data_value, e.source_file, "
            "e.source_row from onet_education e join onet_education_category c "
            "using (element_id, scale_id, category) where e.element_id = ? and e.scale_id = ? "
            "and e.data_value > 0 and e.is_suppression_recommended is not true order by 1, 2",
            list(REQUIRED_EDUCATION),
        ):
            found[code].append(
                EducationShare(
                    category=category,
                    level=level,
                    percent=percent,
                    origin=self._rows.origin("onet", file, row),
                )
            )
        return {code: tuple(shares) for code, shares in found.items()}

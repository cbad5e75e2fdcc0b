"""Make a practice task, and its key, of a family, a theme and a seed: the same ones give the same task.

Belongs here: putting a task together. Does not: what a family's materials are (one module each).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aina_assets.core.errors import LearnerError, RubricError
from aina_assets.learning.evaluating.rubric import Rubric, read_rubrics
from aina_assets.learning.practice import brief, check_draft, delegate, reconcile
from aina_assets.learning.practice.chance import Chance
from aina_assets.learning.practice.making import Made
from aina_assets.learning.practice.policy import FamilyName, PracticePolicy, Theme, read_practice
from aina_assets.learning.practice.task import AnswerKey, PracticeTask, WorkContext

MAKERS: Mapping[FamilyName, Callable[[Theme, Chance], Made]] = {
    "brief": brief.made,
    "reconcile": reconcile.made,
    "check_draft": check_draft.made,
    "delegate": delegate.made,
}
# Draws in which a figure that is to be worked out happens to stand in a material are thrown away.
MOST_DRAWS = 50


@dataclass(frozen=True)
class Practice:
    """Practice under the policies that were read."""

    policy: PracticePolicy
    rubrics: Mapping[FamilyName, Rubric]

    @classmethod
    def read(cls, policies_root: Path) -> Practice:
        """Read the policies.

        Raises:
            SettingsError, RubricError: one is absent, malformed or not the locked one.
        """
        return cls(read_practice(policies_root), read_rubrics(policies_root))

    def task(
        self, family: FamilyName, theme: str, seed: int, context: WorkContext | None = None
    ) -> PracticeTask:
        """The task of a family, a theme and a seed; the context is shown with it and changes nothing else."""
        held, rubric = self.policy.families[family], self.rubrics[family]
        materials, _ = self._made(family, theme, seed)
        about = "" if context is None else f"{context.workflow_id}"
        told = hashlib.sha256(
            f"{family}\0{theme}\0{seed}\0{about}\0{self.policy.sha256}".encode()
        ).hexdigest()
        return PracticeTask(
            task_id=f"practice-{family}-{theme}-{seed}-{told[:8]}",
            family=family,
            stage=held.stage,
            theme=theme,
            seed=seed,
            practice_sha256=self.policy.sha256,
            title=held.title,
            scenario=held.scenario,
            context=context,
            materials=materials,
            deliverable=held.deliverable,
            minutes=held.minutes,
            rubric_id=rubric.rubric_id,
            rubric_version=rubric.version,
            rubric_sha256=rubric.sha256,
            criteria=rubric.public(),
        )

    def key(self, task: PracticeTask) -> AnswerKey:
        """The key of a task, made anew.

        Raises:
            LearnerError: the task is not what these policies make of its family, theme and seed.
        """
        materials, key = self._made(task.family, task.theme, task.seed)
        if task.practice_sha256 != self.policy.sha256 or task.materials != materials:
            raise LearnerError(
                "the task was made under another practice policy",
                place=task.task_id,
                remedy="Start the task anew.",
            )
        return key

    def rubric_of(self, task: PracticeTask) -> Rubric:
        """The rubric that the task was made under.

        Raises:
            RubricError: the locked one is another.
        """
        rubric = self.rubrics[task.family]
        if (rubric.version, rubric.sha256) != (task.rubric_version, task.rubric_sha256):
            raise RubricError(
                f"the task is of rubric {task.rubric_id} {task.rubric_version}, {rubric.version} is in force",
                place=task.task_id,
                remedy="Start the task anew.",
            )
        return rubric

    def _made(self, family: FamilyName, theme: str, seed: int) -> Made:
        words = self.policy.themes.get(theme)
        if words is None:
            raise LearnerError(f"there is no theme {theme!r}", place="theme")
        for draw in range(MOST_DRAWS):
            materials, key = MAKERS[family](words, Chance(f"{family}\0{theme}\0{seed}\0{draw}"))
            if _is_sound(key):
                return materials, key
        raise LearnerError(f"no sound task in {MOST_DRAWS} draws", place=f"{family}/{theme}/{seed}")


def _is_sound(key: AnswerKey) -> bool:
    """Whether what is to be worked out stands nowhere, and no two answers can be taken for each other."""
    worked_out = [value for figure in key.figures for value in figure.values]
    claimed = [value for claim in key.claims for way in claim.evidence for value in way.numbers]
    new = [value for value in claimed if value not in key.given_numbers]
    return (
        not key.given_numbers.intersection(worked_out)
        and len(set(worked_out)) == len(worked_out)
        and not set(worked_out).intersection(new)
        and all(value > 0 for value in worked_out)
    )

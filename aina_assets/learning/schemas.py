"""Published schemas of this stage: events, curriculum input, plan, practice task, and the xAPI profile.

Belongs here: which models are published, under which name. Does not: the models.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial

from pydantic import BaseModel

from aina_assets.learning.assessing.curriculum import CurriculumInputPacket
from aina_assets.learning.assessing.inputs import AssessmentInput
from aina_assets.learning.planning.plan import Plan
from aina_assets.learning.practice.task import PracticeTask
from aina_assets.learning.records.events import LearnerEvent
from aina_assets.learning.standards.case import CFPackage
from aina_assets.learning.standards.xapi_profile import profile_text

MODELS: Mapping[str, type[BaseModel]] = {
    "assessment_input_v1": AssessmentInput,
    "curriculum_input_v1": CurriculumInputPacket,
    "learning_plan_v1": Plan,
    "practice_task_v1": PracticeTask,
    "learner_event_v2": LearnerEvent,
    "case_package_v1p1": CFPackage,
}


def schema_text(name: str, model: type[BaseModel]) -> str:
    """The committed text of a model's JSON Schema."""
    schema = model.model_json_schema(mode="serialization")
    told = {
        **schema,
        "$id": f"{name}.schema.json",
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
    }
    return json.dumps(told, indent=2, sort_keys=True) + "\n"


# By the file's name without its ending.
SCHEMAS: Mapping[str, Callable[[], str]] = {
    **{f"{name}.schema": partial(schema_text, name, model) for name, model in MODELS.items()},
    "learner_xapi_profile_v1": profile_text,
}

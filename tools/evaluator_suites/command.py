"""Write the suites: `python -m tools.evaluator_suites.command`.

The committed files are what the tests read: a change of the wording here changes nothing until they are
written anew, and the difference is reviewed.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.storage import write_bytes
from aina_assets.learning.practice.answering import answer, by_skill, whole
from aina_assets.learning.practice.generating import Practice
from aina_assets.learning.practice.policy import FAMILIES, FamilyName
from aina_assets.learning.practice.task import PracticeTask
from tools.evaluator_suites.attacks import attacks
from tools.evaluator_suites.attacks_second import second_attacks
from tools.evaluator_suites.filling import slots

SUITES = PROJECT_ROOT / "aina_assets_tests" / "learning" / "evaluating" / "suites"
WORDINGS = Path(__file__).parent / "paraphrases.toml"
SEEDS = {"developed": 100, "held_out": 700, "held_out_later": 800, "second_author": 1000}
BASES = ("empty", "weak", "partial", "good")
SKILLS = {"weak": 0.3, "partial": 0.6, "good": 1.0}


def _case(task: PracticeTask, number: int, **told: Any) -> dict[str, Any]:
    return {
        "case": f"{task.family}-{number:03d}",
        "family": task.family,
        "theme": task.theme,
        "seed": task.seed,
        "materials_sha256": materials_sha256(task),
        **told,
    }


def materials_sha256(task: PracticeTask) -> str:
    """Digest of what a case rests on: another one means that the case speaks of another task."""
    return hashlib.sha256("\n".join(material.text() for material in task.materials).encode()).hexdigest()


def attack_cases(practice: Practice) -> Iterator[dict[str, Any]]:
    """Each attack alone, and each before or after a base answer, bases in turn."""
    themes = list(practice.policy.themes)
    for place, family in enumerate(FAMILIES):
        task = practice.task(family, themes[place % len(themes)], 500 + place)
        key, rubric = practice.key(task), practice.rubrics[family]
        others = []
        for other in FAMILIES:
            another = practice.task(other, task.theme, 900)
            others.append(answer(another, practice.key(another), whole(practice.key(another))))
        bases = {"empty": ""} | {
            name: answer(task, key, by_skill(key, skill)) for name, skill in SKILLS.items()
        }
        number = 0
        for turn, (kind, text) in enumerate(attacks(task, key, rubric, others)):
            base = BASES[1 + turn % 3]
            joined = f"{bases[base]}\n{text}" if turn % 2 else f"{text}\n\n{bases[base]}"
            for name, whole_text in (("empty", text), (base, joined)):
                number += 1
                yield _case(task, number, kind=kind, base_name=name, base=bases[name], text=whole_text)


def second_attack_cases(practice: Practice) -> Iterator[dict[str, Any]]:
    """Each attack of the second author alone, and in a base answer: bases and places in turn."""
    themes = list(practice.policy.themes)
    for place, family in enumerate(FAMILIES):
        task = practice.task(family, themes[(place + 2) % len(themes)], 600 + place)
        key = practice.key(task)
        bases = {name: answer(task, key, by_skill(key, skill)) for name, skill in SKILLS.items()}
        number = 1000
        for turn, (kind, text) in enumerate(second_attacks(task, key)):
            name = BASES[1 + turn % 3]
            lines = bases[name].splitlines()
            half = len(lines) // 2
            joined = (
                f"{text}\n{bases[name]}",
                f"{bases[name]}\n{text}",
                "\n".join([*lines[:half], text, *lines[half:]]),
                f"{bases[name].rstrip()} {text}",
            )[turn % 4]
            for base, whole_text in (("empty", text), (name, joined)):
                number += 1
                yield _case(
                    task, number, kind=kind, base_name=base, base=bases.get(base, ""), text=whole_text
                )


def paraphrase_cases(practice: Practice) -> Iterator[dict[str, Any]]:
    """Each wording, over a task of its own, with the answer that it is a paraphrase of."""
    themes = list(practice.policy.themes)
    counts: Counter[tuple[str, FamilyName]] = Counter()
    for wording in tomllib.loads(WORDINGS.read_text("utf-8"))["wording"]:
        part, family = wording["part"], wording["family"]
        place = counts[part, family]
        counts[part, family] += 1
        task = practice.task(family, themes[place % len(themes)], SEEDS[part] + place)
        key = practice.key(task)
        base = answer(task, key, whole(key))
        text = wording["text"].format(**slots(task, key))
        yield _case(task, task.seed, part=part, base=base, text=text)


def _write(path: Path, cases: Iterable[dict[str, Any]]) -> int:
    lines = [json.dumps(case, sort_keys=True, ensure_ascii=False) for case in cases]
    write_bytes(path, ("\n".join(lines) + "\n").encode())
    return len(lines)


def main() -> None:
    """Write the suites."""
    practice = Practice.read(PROJECT_ROOT / "data" / "policies")
    print(_write(SUITES / "attacks.jsonl", attack_cases(practice)), "attacks")
    print(_write(SUITES / "attacks_second.jsonl", second_attack_cases(practice)), "by a second author")
    print(_write(SUITES / "paraphrases.jsonl", paraphrase_cases(practice)), "paraphrases")


if __name__ == "__main__":
    main()

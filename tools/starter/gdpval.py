"""The practice tasks as openai/gdpval publishes its own: one Parquet file and a README with a canary."""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

import pyarrow as pa
import pyarrow.parquet as pq

from tools.starter.authored import Content, Practice
from tools.starter.files import VINTAGE, StarterFile, hub_file

SOURCE, LAYOUT, REPO = "gdpval", "2025-10", "openai/gdpval"
REVISION = "11e7900cdcac61bc4daf59e65feb238acda98fbf"
# The files that a practice task names are not published, so their addresses lead nowhere on purpose.
PLACE = "aina.invalid/starter/gdpval"
CANARY = "gdpval:starter:5af6629a-1e9e-4771-879f-e436083a5b2a"
TEXTS = pa.list_(pa.field("element", pa.string()))
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("task_id", "sector", "occupation", "prompt")),
        *(
            (f"{kind}_{suffix}", TEXTS)
            for kind in ("reference", "deliverable")
            for suffix in ("files", "file_urls", "file_hf_uris")
        ),
        *((name, pa.string()) for name in ("rubric_pretty", "rubric_json")),
    ]
)
README = """---
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train-*
---

# AINA starter practice tasks ({vintage})

This is not GDPval. These {tasks} tasks for {occupations} occupations were written for the AINA project,
in the layout of openai/gdpval, so that the same reader reads both. The files that they name do not exist.

The line below has the form of GDPval's canary and stands for these tasks alone, so that the check that
keeps practice text out of tables, reports and logs has something to look for.

`Canary {canary}`
"""


def gdpval_files(content: Content) -> Iterator[StarterFile]:
    """The dataset's two files."""
    occupations = {task.occupation for task in content.practice}
    readme = README.format(
        vintage=VINTAGE, tasks=len(content.practice), occupations=len(occupations), canary=CANARY
    )
    yield hub_file(REPO, REVISION, LAYOUT, SOURCE, "README.md", readme.encode())
    name = "data/train-00000-of-00001.parquet"
    yield hub_file(REPO, REVISION, LAYOUT, SOURCE, name, _parquet(content), is_lfs=True)


def _parquet(content: Content) -> bytes:
    numbers: Counter[str] = Counter()
    records = []
    for task in content.practice:
        numbers[task.occupation] += 1
        records.append(_record(task, f"https://{PLACE}/{task.occupation}/{numbers[task.occupation]}"))
    buffer = io.BytesIO()
    # Uncompressed, so that the bytes do not hang on a compression library's version.
    pq.write_table(
        pa.Table.from_pylist(records, schema=SCHEMA),
        buffer,
        compression="none",
        version="2.6",
        data_page_version="1.0",
        store_schema=True,
    )
    return buffer.getvalue()


def _record(task: Practice, name: str) -> dict[str, str | list[str]]:
    items: list[dict[str, object]] = [
        {
            "score": item.points,
            "criterion": item.criterion,
            "required": None,
            "rubric_item_id": str(uuid5(NAMESPACE_URL, f"{name}/rubric/{number}")),
            "author_type": "starter",
            "tags": [],
            "read_only": None,
            "form_content": None,
        }
        for number, item in enumerate(task.rubric, 1)
    ]
    return {
        "task_id": str(uuid5(NAMESPACE_URL, name)),
        "sector": task.sector,
        "occupation": task.occupation,
        "prompt": task.prompt,
        **_attachments("reference", task.reference_files, name),
        **_attachments("deliverable", task.deliverable_files, name),
        "rubric_pretty": "\n\n".join(f"[{item.points:+d}] {item.criterion}" for item in task.rubric),
        "rubric_json": json.dumps(items),
    }


def _attachments(kind: str, names: list[str], task: str) -> dict[str, str | list[str]]:
    folders = [
        hashlib.md5(f"{task}/{kind}/{name}".encode(), usedforsecurity=False).hexdigest() for name in names
    ]
    paths = [f"{kind}_files/{folder}/{name}" for folder, name in zip(folders, names, strict=True)]
    return {
        f"{kind}_files": paths,
        f"{kind}_file_urls": [f"https://{PLACE}/{quote(path)}" for path in paths],
        f"{kind}_file_hf_uris": [f"hf://{PLACE}/{quote(path)}" for path in paths],
    }

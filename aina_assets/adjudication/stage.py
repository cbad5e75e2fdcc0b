"""What the stage knows of one data root: policies, reviewers, accepted decisions, and the plan of each batch.

Belongs here: which titles of a batch are candidates, and the wave that asks about them. Does not: making
tables (`make_reviews`, `make_state`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from aina_assets.adjudication.account import ADJUDICATE
from aina_assets.adjudication.asking import Asking
from aina_assets.adjudication.consensus import Targets
from aina_assets.adjudication.filters import Filter, FilterPolicy, head_words, read_filter_policy
from aina_assets.adjudication.fold import Folded, fold
from aina_assets.adjudication.folders import ReviewFolders
from aina_assets.adjudication.orders import BoundedReview, open_orders
from aina_assets.adjudication.plan import (
    BatchPlan,
    KnownAnswer,
    Question,
    choose_seeds,
    known_answer_count,
    make_plan,
)
from aina_assets.adjudication.policy import Codebook, ReviewPolicy, read_codebook, read_review_policy
from aina_assets.adjudication.prompts import PromptBook
from aina_assets.adjudication.protocol import Reviewer, ReviewerSpec, Seat
from aina_assets.adjudication.questions import QuestionReader, SocNames, prompt_book, targets_of
from aina_assets.adjudication.reviewers.config import read_reviewers
from aina_assets.adjudication.reviewers.factory import make_reviewer
from aina_assets.adjudication.tables import TITLE_RULE_DECISION
from aina_assets.adjudication.wave import WaveRoom
from aina_assets.core.engine import Engine
from aina_assets.core.storage import sha256_file
from aina_assets.titles.certifying.truth import SocTree, gold_files, truth_of
from aina_assets.titles.functions import FunctionPolicy, read_function_policy
from aina_assets.titles.gold.labels import read_gold
from aina_assets.titles.scope import ScopePolicy, read_scope_policy
from aina_assets.titles.tables import AUTHORITY_TITLE, TITLE_GOLD, TITLE_ROUTE

CODE_FOLDERS = ("core", "titles", "adjudication")
# Accepted decisions, as an input by their place in the data root.
MERGES = "reviews/merges/"


@dataclass(frozen=True)
class Policies:
    """The policies that adjudication goes by, read once."""

    review: ReviewPolicy
    filters: FilterPolicy
    codebook: Codebook
    scope: ScopePolicy
    functions: FunctionPolicy

    @classmethod
    def read(cls, root: Path) -> Policies:
        """Read them from the folder of policies.

        Raises:
            SettingsError: one is absent, malformed or contradicts itself.
        """
        return cls(
            read_review_policy(root),
            read_filter_policy(root),
            read_codebook(root),
            read_scope_policy(root),
            read_function_policy(root),
        )

    @property
    def digests(self) -> dict[str, str]:
        """Their digests, as a merge names them."""
        return {
            "title_review": self.review.sha256,
            "review_codebook": self.codebook.sha256,
            "icp_scope": self.scope.sha256,
            "business_functions": self.functions.sha256,
        }


class AdjudicationStage:
    """Adjudication of one data root.

    Args:
        engine: settings, store and data root, with the titles built.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.policies = Policies.read(engine.settings.policies_root)
        self.folders = ReviewFolders(engine.data.reviews, engine.settings.title_batches)

    @cached_property
    def filter(self) -> Filter:
        """The deterministic rules."""
        listed = self.engine.store.read(AUTHORITY_TITLE.name, ["core_title", "soc_code"]).to_pylist()
        heads = head_words(listed, self.policies.scope)
        return Filter(self.policies.filters, self.policies.functions, self.policies.scope, heads)

    # --- what was accepted

    @cached_property
    def orders(self) -> dict[str, BoundedReview]:
        """The bounded reviews by digest."""
        return self.folders.orders.orders()

    @cached_property
    def folded(self) -> Folded:
        """The accepted decisions, as they were when this was first asked.

        Raises:
            ChainError: the chain of merges is not whole.
        """
        return fold(self.folders.chain.links(), self.orders)

    # --- who reviews

    @cached_property
    def specs(self) -> Mapping[Seat, ReviewerSpec]:
        """The configured reviewers by seat; none where nobody is.

        Raises:
            SettingsError: the reviewers' file is absent, malformed, or has a wrong option.
        """
        return {spec.name: spec for spec in read_reviewers(self.engine.settings.reviewers_path).specs}

    def reviewer(self, seat: Seat) -> Reviewer | None:
        """Whoever takes a seat; None where nobody does."""
        return self._reviewers.get(seat)

    @cached_property
    def _reviewers(self) -> Mapping[Seat, Reviewer]:
        home = self.engine.settings.reviewers_path.parent
        return {
            seat: make_reviewer(spec, home=home, work=self.folders.work) for seat, spec in self.specs.items()
        }

    # --- what is asked

    @cached_property
    def soc(self) -> SocNames:
        """SOC groups."""
        return SocNames.of(self.engine.store.read("soc_group"), self.policies.scope)

    @cached_property
    def targets(self) -> Targets:
        """What a title can be promoted to."""
        return targets_of(self.soc, self.policies.functions, self.policies.scope)

    @cached_property
    def book(self) -> PromptBook:
        """What every prompt says before its rows."""
        return prompt_book(self.policies.codebook, self.soc, self.policies.functions, self.policies.scope)

    def questions(self, title_ids: Sequence[str], key: str) -> dict[str, Question]:
        """What a reviewer sees of titles of one batch."""
        return self._questions.read(title_ids, [key])

    @cached_property
    def _questions(self) -> QuestionReader:
        return QuestionReader(
            self.engine.store, self.soc, self.policies.scope, self.policies.review.prompt.most_options
        )

    @cached_property
    def asking(self) -> Asking:
        """How a wave is put to reviewers."""
        return Asking(
            self.folders.evidence,
            self.book,
            self.engine.settings.review_chunk_rows,
            self.policies.review.repair,
        )

    @property
    def room(self) -> WaveRoom:
        """What a wave is settled with."""
        return WaveRoom(
            asking=self.asking,
            chain=self.folders.chain,
            quarantines=self.folders.quarantines,
            specs=self.specs,
            targets=self.targets,
            policy=self.policies.review,
            policies=self.policies.digests,
            title_batches=self.folders.title_batches,
        )

    def wave(self, key: str) -> int:
        """The number of a batch's next wave: merged and released ones come before it."""
        merged = sum(
            (merge.file.title_batch, merge.file.title_batches) == (key, self.folders.title_batches)
            for merge in self.folded.merges
        )
        return 1 + merged + self.folders.quarantines.released(key)

    def candidates(self, key: str) -> tuple[list[str], dict[str, str]]:
        """The titles of a batch that are to be asked about, and the bounded review of those kept before."""
        store = self.engine.store
        routes = store.read(TITLE_ROUTE.name, ["title_id", "route"], partition=key).to_pylist()
        ruled = set(store.read(TITLE_RULE_DECISION.name, ["title_id"], partition=key)["title_id"].to_pylist())
        ambiguous = [
            row["title_id"] for row in routes if row["route"] == ADJUDICATE and row["title_id"] not in ruled
        ]
        open_ = open_orders(self.orders, self.folded.used_orders)
        ordered: dict[str, str] = {}
        for title_id in ambiguous:
            decision = self.folded.get(title_id)
            if decision is not None and decision.decision == "keep" and title_id in open_:
                ordered[title_id] = open_[title_id]
        return [t for t in ambiguous if t not in self.folded or t in ordered], ordered

    def plan(self, key: str) -> BatchPlan:
        """What the batch's open wave asks; no rows where nothing is to be asked."""
        wanted, ordered = self.candidates(key)
        wave = self.wave(key)
        if not wanted:
            return BatchPlan(key, wave, ())
        questions = self._questions.read(wanted, [key])
        count = known_answer_count(self.policies.review.known_answers, len(wanted))
        elsewhere = [title_id for title_id, (batch, _) in self._seeds.items() if batch != key]
        seeds = choose_seeds(key, wave, elsewhere, count)
        return make_plan(
            key,
            wave,
            questions.values(),
            self.known,
            [self._seeds[title_id][1] for title_id in seeds],
            ordered,
        )

    @cached_property
    def gold_inputs(self) -> dict[str, str]:
        """Digests of the gold sets."""
        return {f"gold/{path.name}": sha256_file(path) for path in gold_files(self.engine.settings.gold_root)}

    @cached_property
    def known(self) -> dict[str, KnownAnswer]:
        """Known answers by title: of the gold set's tune part, which alone may be shown to anybody."""
        store = self.engine.store
        rows = [row for row in store.read(TITLE_GOLD.name).to_pylist() if row["split"] == "tune"]
        held = {row["title_id"] for row in rows}
        tree = SocTree(store.read("soc_group"))
        return {
            label.title_id: KnownAnswer(truth_of(label, tree, self.policies.functions), label.level)
            for name in sorted({row["gold_set"] for row in rows})
            for label in read_gold(self.engine.settings.gold_root / name, split="tune")
            if label.title_id in held
        }

    @cached_property
    def _seeds(self) -> dict[str, tuple[str, Question]]:
        """Titles with known answers that look like candidates, each with its batch and question."""
        store = self.engine.store
        found: dict[str, str] = {}
        for key in store.partitions(TITLE_ROUTE.name):
            for row in store.read(TITLE_ROUTE.name, ["title_id", "route"], partition=key).to_pylist():
                if row["route"] == ADJUDICATE and row["title_id"] in self.known:
                    found[row["title_id"]] = key
        questions = self._questions.read(found, sorted(set(found.values())))
        return {title_id: (found[title_id], question) for title_id, question in questions.items()}


def digest_of(*parts: str) -> str:
    """One digest of several texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()

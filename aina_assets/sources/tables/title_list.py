"""Contract of the raw title inventory."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aina_assets.core.contracts import TableContract
from aina_assets.sources.tables.base import SourceRow

SOURCE = "titles"


class RawTitle(SourceRow):
    """A line of the title inventory, as given. A line that holds personal data is withheld."""

    raw_title: str | None = Field(description="title as given; null where withheld")
    withheld_reason: Literal["e-mail address", "phone number", "identity number", "person_name"] | None = (
        Field(description="why the line's text is not kept")
    )
    extra_columns: str | None = Field(
        description="JSON object of a CSV's other columns (not of a withheld line)"
    )


TITLE_LIST = TableContract("title_list", RawTitle, "a line of the inventory", ("source_row",), SOURCE)
CONTRACTS: tuple[TableContract, ...] = (TITLE_LIST,)

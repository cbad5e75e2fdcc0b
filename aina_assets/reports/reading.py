"""Reading a written page back: the figures that it shows, where it leads, what it would load.

Belongs here: parsing. Does not: judging (`rules`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

# What a browser fetches by itself, by tag and attribute; a link that a person may follow is none.
LOADED = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "source": ("src", "srcset"),
    "audio": ("src",),
    "video": ("src", "poster"),
    "track": ("src",),
    "input": ("src",),
    "link": ("href",),
    "base": ("href",),
    "image": ("href", "xlink:href"),
    "use": ("href", "xlink:href"),
    "form": ("action",),
}
RUNS = frozenset({"script", "iframe", "embed", "object"})
CSS_LOADS = re.compile(r"@import|url\s*\(", re.IGNORECASE)


@dataclass(frozen=True)
class Shown:
    """A figure as a page shows it."""

    id: str
    value: str
    text: str


@dataclass
class Read:
    """What a page holds."""

    figures: list[Shown] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    loads: list[str] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read = Read()
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if anchor := attributes.get("id"):
            self.read.anchors.add(anchor)
        if tag == "a" and "href" in attributes:
            self.read.links.append(attributes["href"])
        self._look_for_loads(tag, attributes)
        self._style = tag == "style"
        if "data-figure" in attributes or "data-receipt" in attributes:
            self._open.append((tag, attributes, []))

    def _look_for_loads(self, tag: str, attributes: dict[str, str]) -> None:
        loaded = [attributes[name] for name in LOADED.get(tag, ()) if attributes.get(name)]
        self.read.loads += [f"<{tag}> {value}" for value in loaded if not value.startswith("data:")]
        if tag in RUNS and not loaded:
            self.read.loads.append(f"<{tag}>")
        if CSS_LOADS.search(attributes.get("style", "")):
            self.read.loads.append(f"style of <{tag}>: {attributes['style']}")
        self.read.loads += [f"<{tag} {name}>" for name in attributes if name.startswith("on")]
        if tag == "meta" and attributes.get("http-equiv", "").lower() == "refresh":
            self.read.loads.append("<meta refresh>")

    def handle_data(self, data: str) -> None:
        if self._style and CSS_LOADS.search(data):
            self.read.loads.append(f"<style> {data.strip()[:80]}")
        for _, _, texts in self._open:
            texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._style = False
        if self._open and self._open[-1][0] == tag:
            _, attributes, texts = self._open.pop()
            text = "".join(texts)
            if "data-figure" in attributes:
                shown = Shown(attributes["data-figure"], attributes.get("data-value", ""), text)
                self.read.figures.append(shown)
            else:
                self.read.digests[attributes["data-receipt"]] = text


def read_page(text: str) -> Read:
    """What a page shows, leads to and would load."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.read

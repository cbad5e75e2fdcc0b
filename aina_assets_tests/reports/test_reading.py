"""Reading a page back: each way in which a page would load or run something is seen."""

from __future__ import annotations

import pytest

from aina_assets.reports.reading import read_page

LOADING = [
    '<script src="https://a.example/a.js"></script>',
    "<script>x()</script>",
    '<img src="a.png">',
    '<img srcset="a.png 2x">',
    '<link rel="stylesheet" href="a.css">',
    '<iframe srcdoc="x"></iframe>',
    '<object data="a.swf"></object>',
    '<video poster="a.png"></video>',
    '<svg><image href="a.png"/></svg>',
    '<svg><use href="a.svg#b"/></svg>',
    '<p style="background: url(a.png)">x</p>',
    "<style>@import 'a.css';</style>",
    "<style>p { background: URL (a.png) }</style>",
    '<p onclick="x()">x</p>',
    '<meta http-equiv="refresh" content="0;url=a">',
    '<form action="https://a.example"></form>',
]


@pytest.mark.parametrize("text", LOADING)
def test_what_would_be_loaded_is_seen(text: str) -> None:
    assert len(read_page(f"<p>before</p>{text}<p>after</p>").loads) >= 1


def test_data_in_the_page_and_links_to_follow_are_none() -> None:
    read = read_page(
        '<img src="data:image/png;base64,AA=="><a href="https://a.example/">a</a><style>p {}</style>'
    )
    assert read.loads == []
    assert read.links == ["https://a.example/"]


def test_a_figures_text_is_its_own() -> None:
    read = read_page('<p>1 <a data-figure="f1" data-value="7">se<b>ven</b></a> 2</p>')
    assert [(shown.id, shown.value, shown.text) for shown in read.figures] == [("f1", "7", "seven")]

"""Pages for people: forms, timelines, charts, the review desk, made on the server and readable without a script.

Belongs here: what a page shows and which act a form asks for. Does not: the acts, or any figure of its own.
"""

from __future__ import annotations

from fastapi import FastAPI


def mount_pages(app: FastAPI) -> None:
    """Give the app its pages and their files."""

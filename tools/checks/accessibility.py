"""What a reader with a screen reader needs and Markdown can get wrong."""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.catalog import Catalog
from tools.pages import Page
from tools.problem import Problem

TAG = re.compile(r"<img\b", re.I)
TEXT = re.compile(r"(?<!!)\[([^\]]+)\]\(")
UNDERLINED = re.compile(r"^(?![-+*#>|`:~]|\d+[.)] )(\S.*)\n(?:=+|-{2,})[ \t]*$", re.M)
IMAGE = re.compile(r"!\[([^\]]*)\]\(")
FIGURE = re.compile(r"^(`{3,}|:{3,})\{(?:figure|image|lab-figure)\}[^\n]*\n(.*?)^\1", re.S | re.M)
EMPTY_TEXTS = {"here", "this", "link", "click here", "this link", "read more", "more"}


def headings_in_order(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """A11Y001: a heading skips a level, or is a second title. The title is in the front matter; sections begin with ##."""
    for page in pages:
        last = 1
        for line, level, text in page.headings():
            if level == 1:
                yield Problem(page.name, line, "A11Y001", f"{text!r} is a second title; the title is in the front matter")
            elif level > last + 1:
                yield Problem(page.name, line, "A11Y001", f"{text!r} has level {level} after level {last}")
            last = level
        for line, found in page.find(UNDERLINED):
            yield Problem(page.name, line, "A11Y001", f"{found[1]!r} is underlined; begin headings with ##")


def images_have_alternatives(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """A11Y002: an image or figure has no alt text. Say what one sees, not what the caption says."""
    for page in pages:
        for line, found in page.find(IMAGE):
            if not found[1].strip():
                yield Problem(page.name, line, "A11Y002", "an image without alt text")
        for line, _ in page.find(TAG):
            yield Problem(page.name, line, "A11Y002", "an <img> tag; write ![what one sees](file)")
        for found in FIGURE.finditer(page.text):
            if not re.search(r"^ *:alt: *\S", found[2], re.M):
                line = page.text.count("\n", 0, found.start()) + 1
                yield Problem(page.name, line, "A11Y002", "a figure without :alt:")


def links_say_where(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """A11Y003: a link text says nothing out of context (here, this, link). Name what it leads to."""
    for page in pages:
        for line, found in page.find(TEXT):
            if found[1].strip("*_ ").lower() in EMPTY_TEXTS:
                yield Problem(page.name, line, "A11Y003", f"the link text {found[1]!r} says nothing out of context")


RULES = (headings_in_order, images_have_alternatives, links_say_where)

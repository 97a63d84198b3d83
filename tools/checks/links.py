"""Links inside the book."""

import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, normpath

from tools import exercises
from tools.catalog import Catalog
from tools.pages import Page
from tools.problem import Problem
from tools.source import read_text

LINK = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\(<?([^()\s>]*(?:\([^()\s]*\))?[^()\s>]*)>?(?:\s+\"[^\"]*\")?\)")
ROLE = re.compile(r"\{(?:ref|numref|eq)\}`(?:[^`<]*<)?([^`<>]+)>?`")


def _links(page: Page) -> Iterator[tuple[int, str]]:
    return ((line, found[1]) for line, found in page.find(LINK))


def _anchors(page: Page) -> set[str]:
    """Explicit labels, ids and equation labels of the page, and the slugs that MyST makes of its headings."""
    slugs = {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for _, _, text in page.headings()}
    ids = re.findall(r"\{[^}]*#([\w-]+)[^}]*\}", page.text) + re.findall(r"^ *:(?:name|label): *(\S+)", page.text, re.M)
    equations = re.findall(r"\$\$ *\(([\w:-]+)\)", page.text)
    if page.docname.startswith("exercises/"):
        ids.append(exercises.label(*page.docname.split("/")[1:3]))
    return slugs | {name for _, name in page.labels()} | {*ids, *equations}


def _folder(catalog: Catalog, page: Page) -> str:
    """The folder from which the page's links start; those of an exercise start from its chapter."""
    names = page.docname.split("/")
    topic = catalog.topics.get(names[1]) if names[0] == "exercises" and len(names) == 3 else None
    return f"docs/{topic.part}" if topic else dirname(page.name)


def files_exist(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """LINK001: a link leads to a file of docs/ that does not exist."""
    for page in pages:
        for line, target in _links(page):
            path = target.partition("#")[0]
            if not path or re.match(r"[a-z][a-z+.-]*:", target):
                continue
            base = "docs" if path.startswith("/") else _folder(catalog, page)
            if not (root / normpath(f"{base}/{path.lstrip('/')}")).exists():
                yield Problem(page.name, line, "LINK001", f"{path} does not exist")


def anchors_exist(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """LINK002: a link leads to an anchor or label that no page has."""
    own = {page.name: _anchors(page) for page in pages}
    fragments = {path: _fragment_ids(path) for path in sorted((root / "docs/_generated").rglob("*.md"))}
    everywhere = set().union(*own.values(), *fragments.values())
    for page in pages:
        for line, target in _links(page):
            path, mark, anchor = target.partition("#")
            if not mark or re.match(r"[a-z][a-z+.-]*:", target):
                continue
            other = normpath(f"{_folder(catalog, page)}/{path}") if path else ""
            known = own.get(other, everywhere) | set().union(*fragments.values()) if path else everywhere
            if anchor not in known:
                yield Problem(page.name, line, "LINK002", f"no page has the anchor #{anchor}")
        for line, found in page.find(ROLE):
            if found[1].strip() not in everywhere:
                yield Problem(page.name, line, "LINK002", f"no page has the label {found[1].strip()}")


def _fragment_ids(path: Path) -> set[str]:
    text = read_text(path, path.name)[0] or ""  # an unreadable fragment is a problem of the build
    ids = re.findall(r"\{[^}\n]*#([\w-]+)[^}\n]*\}|^\(([\w:-]+)\)=|^ *:name: *(\S+)", text, re.M)
    return {part for found in ids for part in found if part}


def labels_are_unique(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """LINK003: a label stands at two places. Links to it could lead to either."""
    first: dict[str, str] = {}
    for page in pages:
        for line, label in page.labels():
            if label in first:
                yield Problem(page.name, line, "LINK003", f"label {label} stands at {first[label]} too")
            first.setdefault(label, f"{page.name}:{line}")


RULES = (files_exist, anchors_exist, labels_are_unique)

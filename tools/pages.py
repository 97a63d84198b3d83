"""The hand-written pages of docs/: front matter, headings, labels and citations, with their lines.

PAGE001: a page has no front matter, or front matter that is not YAML. It begins with `---` and holds at least a title.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools.problem import Problem
from tools.source import Document, parse, read_text

NOT_PAGES = ("_generated", "_static", "_templates", "_ext", "data")
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}|:{3,})(.*)$")
CITE = re.compile(r"\{cite(?::[a-z]+)?\}`([^`]+)`")
CODE_SPAN = re.compile(r"(\{[\w:-]+\})?(`+)(?!`).+?(?<!`)\2(?!`)")  # `code`, or the text of a {role}`...`
HEADING = re.compile(r"^(#{1,6}) +(.+?) *$")
LABEL = re.compile(r"^\(([a-z0-9:._-]+)\)= *$")


@dataclass(frozen=True)
class Page:
    """One Markdown page: `name` as problems show it (docs/part/chapter.md), its text and its front matter."""

    name: str
    text: str
    front: Document

    @property
    def docname(self) -> str:
        """The name that Sphinx gives the page: part/chapter."""
        return self.name.removeprefix("docs/").removesuffix(".md")

    @property
    def meta(self) -> dict[str, object]:
        """Front matter as a map."""
        return self.front.value if isinstance(self.front.value, dict) else {}  # type: ignore[return-value]  # str keys

    @cached_property
    def prose(self) -> list[tuple[int, str]]:
        """(line, text) of what readers read: no front matter, no code, no options of directives."""
        return list(_prose(self.text))

    def citations(self) -> Iterator[tuple[int, str]]:
        """(line, key) of each work cited on the page."""
        for line, text in self.prose:
            for keys in CITE.findall(text):
                without = re.sub(r"\{[^}]*\}", "", keys)  # prefaces and locators stand in braces
                yield from ((line, key.strip()) for key in without.split(","))

    def headings(self) -> Iterator[tuple[int, int, str]]:
        """(line, level, text) of each heading."""
        for line, text in self.prose:
            if found := HEADING.match(text):
                yield line, len(found[1]), found[2]

    def labels(self) -> Iterator[tuple[int, str]]:
        """(line, label) of each explicit target."""
        for line, text in self.prose:
            if found := LABEL.match(text):
                yield line, found[1]


def _prose(text: str) -> Iterator[tuple[int, str]]:
    fences: list[str] = []  # open fences, innermost last; a directive's body is prose, a code block's is not
    front, code, options = text.startswith("---\n"), False, False
    for number, line in enumerate(text.split("\n"), 1):
        if front:
            front = number == 1 or line != "---"
            continue
        fence = FENCE.match(line)
        if fence and fences and fence[1].startswith(fences[-1]) and not fence[2].strip():
            fences.pop()
            code = options = False
        elif fence and not code:
            fences.append(fence[1])
            name = fence[2].strip()
            code = not re.match(r"\{(?!code|literalinclude|math|eval-rst|toctree|figure|image)", name)
            options = True
            if not code:
                yield number, name.partition("}")[2]
        elif code or (options and re.match(r" *:[a-z-]+:", line)):
            continue
        else:
            options = False
            yield number, CODE_SPAN.sub(lambda span: span[0] if span[1] else "", line)


def load(root: Path) -> tuple[list[Page], list[Problem]]:
    """All pages under docs/, by name, and the problems of their front matter."""
    pages, problems = [], []
    for path in sorted((root / "docs").rglob("*.md")):
        if path.relative_to(root / "docs").parts[0] in NOT_PAGES:
            continue
        name = path.relative_to(root).as_posix()
        text, found = read_text(path, name)
        if text is None:
            problems += found
            continue
        front, found = _front(text, name)
        problems += found
        if front:
            pages.append(Page(name, text, front))
    return pages, problems


def _front(text: str, name: str) -> tuple[Document | None, list[Problem]]:
    closing = text.find("\n---\n", 3)
    if not text.startswith("---\n") or closing < 0:
        return None, [Problem(name, 1, "PAGE001", "has no front matter; begin with --- and a title")]
    return parse(("#\n" + text[4 : closing + 1]).encode(), name)

"""The hand-written pages of docs/: front matter, headings, labels and citations, with their lines.

PAGE001: a page has no front matter, or front matter that is not YAML. It begins with `---` and holds at least a title.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin

from tools.problem import Problem
from tools.source import Document, parse, read_text

NOT_PAGES = ("_generated", "_static", "_templates", "_ext", "data")
CODE_SPAN = re.compile(r"(\{[\w:-]+\})?(`+)(?!`)(.+?)(?<!`)\2(?!`)", re.S)  # `code`, or the text of a {role}`...`
CITE = re.compile(r"\{cite(?::[a-z]+)?\}`([^`]+)`")
HEADING = re.compile(r"^(#{1,6}) +(.+?) *$", re.M)
ITEM = re.compile(r" *(?:[-*+]|[0-9]+[.)]) ")
LABEL = re.compile(r"^\(([A-Za-z0-9:._-]+)\)= *$", re.M)
# Directives whose body readers do not read as text; that of all others is MyST.
NOT_TEXT = {
    "code",
    "code-block",
    "code-cell",
    "sourcecode",
    "literalinclude",
    "math",
    "eval-rst",
    "toctree",
    "raw",
    "mermaid",
    "image",
}

BLOCKS = MarkdownIt("commonmark").enable("table").use(colon_fence_plugin).use(myst_block_plugin)


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

    def words(self, field: str) -> list[str]:
        """A list of the front matter; empty when it is missing or no list of words (PAGE004 says so)."""
        value = self.meta.get(field, [])
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    @cached_property
    def prose(self) -> str:
        """What readers read, on the lines where it stands: all else (front matter, code, options, comments) is blank."""
        lines = self.text.split("\n")
        kept = _reading(self.text, self.front_lines)
        bare = "\n".join(line if n in kept else "" for n, line in enumerate(lines))
        return CODE_SPAN.sub(lambda span: span[0] if span[1] else "\n" * span[0].count("\n"), bare)

    @property
    def front_lines(self) -> int:
        """How many lines the front matter has, with its fences."""
        return self.text[: _front_end(self.text)].count("\n")

    def lines(self) -> Iterator[tuple[int, str]]:
        """(line, text) of the prose."""
        return ((n, line) for n, line in enumerate(self.prose.split("\n"), 1) if line.strip())

    def blocks(self) -> Iterator[tuple[int, str]]:
        """(line, text) of each paragraph and list item."""
        first, rows = 0, list[str]()
        for line, text in enumerate([*self.prose.split("\n"), ""], 1):
            if not text.strip() or ITEM.match(text):
                if rows:
                    yield first, "\n".join(rows)
                first, rows = line, []
            if text.strip():
                first, rows = (first if rows else line), [*rows, text]

    def find(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
        """(line, match) of `pattern` in the prose, across line ends where the pattern allows it."""
        return ((self.prose.count("\n", 0, found.start()) + 1, found) for found in pattern.finditer(self.prose))

    def citations(self) -> Iterator[tuple[int, str]]:
        """(line, key) of each work cited on the page; prefaces and locators stand in braces and are no keys."""
        for line, found in self.find(CITE):
            keys = re.sub(r"\{[^{}]*\}", "", found[1]).split(",")
            yield from ((line, key.strip()) for key in keys if key.strip())

    def headings(self) -> Iterator[tuple[int, int, str]]:
        """(line, level, text) of each heading."""
        return ((line, len(found[1]), found[2]) for line, found in self.find(HEADING))

    def labels(self) -> Iterator[tuple[int, str]]:
        """(line, label) of each explicit target."""
        return ((line, found[1]) for line, found in self.find(LABEL))


def _reading(text: str, first: int) -> set[int]:
    """Numbers (from 0) of the lines that are prose, from the line `first` on."""
    body = "\n".join(text.split("\n")[first:])
    kept = set(range(first, text.count("\n") + 1))
    for token in BLOCKS.parse(body):
        if token.map is None:
            continue
        begin, end = token.map[0] + first, token.map[1] + first
        if token.type in ("fence", "colon_fence"):
            kept -= set(range(begin, end))
            kept |= {begin + 1 + n for n in _directive(token.info, token.content)}
        elif token.type in ("code_block", "myst_line_comment") or (token.type == "html_block" and "<!--" in token.content):
            kept -= set(range(begin, end))
    return kept


def _directive(info: str, content: str) -> set[int]:
    """Lines of a directive's body that are prose: without its options; none of what is no text."""
    name = re.match(r"\{([\w:-]+)\}", info.strip())
    if not name or name[1] in NOT_TEXT or not content:
        return set()
    content = content.removesuffix("\n")  # else the closing fence would count as a line of it
    lines = content.split("\n")
    first = next((n for n, line in enumerate(lines) if not re.match(r" *:[a-z-]+:", line)), len(lines))
    return _reading(content, first)


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


def _front_end(text: str) -> int:
    """Where the line after the front matter begins; 0 when there is none."""
    found = re.match(r"---[ \t]*\n(?:.*\n)*?---[ \t]*(?:\n|$)", text)
    return found.end() if found else 0


def _front(text: str, name: str) -> tuple[Document | None, list[Problem]]:
    end = _front_end(text)
    inner = "\n".join(text[:end].rstrip("\n").split("\n")[1:-1])
    if not inner.strip():
        return None, [Problem(name, 1, "PAGE001", "has no front matter; begin with ---, a title and ---")]
    return parse(("#\n" + inner + "\n").encode(), name)

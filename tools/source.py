"""YAML text to plain values (dict, list, str) that know their lines.

Every scalar is a string: `no`, `3.10` and `2017-06` mean what they say, and the models convert. Refused here,
with file and line: what is not UTF-8 or not YAML, tabs, duplicate keys, nulls, tags, anchors and
aliases (one way to write a thing).

DATA001: the file cannot be read (missing, a loop of links, no permission). Put it back or mend the link.
DATA002: the file is larger than any hand-written file should be. Split it by topic.
DATA003: the file is not UTF-8. Save it as UTF-8 without byte order mark.
DATA004: the file is empty. A list without entries is written [].
DATA005: a line is indented with a tab, which YAML forbids. Use spaces.
DATA006: the text is not YAML. Look at the line, and at the one before it for a missing quote, bracket or dash.
DATA007: a value has a YAML tag. Write plain values; the models know their types.
DATA008: an alias repeats another value. Write the value out; every record stands for itself.
DATA009: a value is null. Leave the field out: absent means unknown.
DATA010: a value is longer than any field of the book.
DATA011: a field stands twice in one map. Keep one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import yaml

from tools.problem import Problem

Plain = dict[str, "Plain"] | list["Plain"] | str
Place = tuple[str | int, ...]

MAX_FILE = 4_000_000  # bytes; the largest hand-written file has about a twentieth of it
MAX_SCALAR = 10_000  # characters

MAX_DEPTH = 100  # of lists and maps in one another; libyaml would overflow its stack at some ten thousand

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # libyaml where the wheel has it: ten times faster
_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}


@dataclass(frozen=True)
class Document:
    """The value of one YAML file and the line (1-based) of each place in it."""

    path: str
    value: Plain
    lines: dict[Place, int] = field(repr=False)

    def line(self, place: Place) -> int:
        """Line of `place`, or of the nearest thing around it (a missing field has no line of its own)."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)


def read(path: Path, name: str) -> tuple[Document | None, list[Problem]]:
    """The document in the file `path`, shown in problems as `name`; None when there are problems."""
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        return None, [Problem(name, 0, "DATA001", f"cannot be read: {reason(error)}")]
    return parse(raw, name)


def read_text(path: Path, name: str) -> tuple[str | None, list[Problem]]:
    """The text of the file `path`; None when it cannot be read or is not UTF-8."""
    try:
        return path.read_text("utf-8-sig"), []
    except UnicodeDecodeError as error:
        return None, [_not_utf8(error, error.object, name)]
    except (OSError, ValueError) as error:
        return None, [Problem(name, 0, "DATA001", f"cannot be read: {reason(error)}")]


def _not_utf8(error: UnicodeDecodeError, raw: bytes, name: str) -> Problem:
    line, byte = raw.count(b"\n", 0, error.start) + 1, raw[error.start]
    return Problem(name, line, "DATA003", f"is not UTF-8 (byte 0x{byte:02X}); save the file as UTF-8")


def reason(error: Exception) -> str:
    """What the system says went wrong, without paths of the machine."""
    return getattr(error, "strerror", None) or str(error)


def parse(raw: bytes, name: str) -> tuple[Document | None, list[Problem]]:
    """The document in the bytes `raw`; None when there are problems."""
    if len(raw) > MAX_FILE:
        return None, [Problem(name, 0, "DATA002", f"has {len(raw)} bytes; at most {MAX_FILE} are read")]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [_not_utf8(error, raw, name)]
    if not text.strip():
        return None, [Problem(name, 0, "DATA004", "is empty; an empty list is written []")]
    tabs = [n for n, row in enumerate(text.splitlines(), 1) if "\t" in row[: len(row) - len(row.lstrip())]]
    if tabs:
        return None, [Problem(name, n, "DATA005", "is indented with a tab; use spaces") for n in tabs]
    if deep(text):
        return None, [Problem(name, 0, "DATA006", f"is nested more than {MAX_DEPTH} levels deep")]
    try:
        root = yaml.compose(text, _LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return None, [Problem(name, mark.line + 1 if mark else 0, "DATA006", f"is not YAML: {error.problem}")]
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        what = f"is not YAML: character U+{_code(error.character):04X} is not allowed"
        return None, [Problem(name, line, "DATA006", what)]
    if root is None:
        return None, [Problem(name, 0, "DATA004", "is empty; an empty list is written []")]
    lines: dict[Place, int] = {}
    problems: list[Problem] = []
    builder = _Builder(name, lines, problems)
    value = builder.value(root, ())
    return (None if problems else Document(name, value, lines)), problems


def deep(text: str) -> bool:
    """Whether lists and maps may stand more than MAX_DEPTH deep in one another (brackets in quotes count as well)."""
    depths = accumulate(1 if found[0] in "[{" else -1 for found in re.finditer(r"[\[\]{}]", text))
    return max(depths, default=0) > MAX_DEPTH or bool(
        re.search(rf"^ {{{MAX_DEPTH},}}|^ *([-?:] +){{{MAX_DEPTH // 10},}}", text, re.M)
    )


def _code(character: str | int) -> int:
    return character if isinstance(character, int) else ord(character[0])


class _Builder:
    """Nodes to values, noting lines and problems on the way; a node met twice is an alias."""

    def __init__(self, name: str, lines: dict[Place, int], problems: list[Problem]) -> None:
        self.name, self.lines, self.problems = name, lines, problems
        self.seen: set[int] = set()
        self.field = "a list item"

    def problem(self, node: yaml.Node, code: str, message: str) -> None:
        self.problems.append(Problem(self.name, node.start_mark.line + 1, code, message))

    def value(self, node: yaml.Node, place: Place) -> Plain:
        self.lines.setdefault(place, node.start_mark.line + 1)
        if node.tag not in _TAGS:
            self.problem(node, "DATA007", f"has the tag {node.tag}; write plain values without tags")
            return ""
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        if id(node) in self.seen:
            self.problem(node, "DATA008", "is an anchor used by an alias; write the value out at each place")
            return ""
        self.seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, n)) for n, item in enumerate(node.value)]
        assert isinstance(node, yaml.MappingNode)
        return dict(self.pairs(node, place))

    def scalar(self, node: yaml.ScalarNode) -> str:
        text: str = node.value
        if not node.style and text in ("", "~", "null", "Null", "NULL"):
            self.problem(node, "DATA009", f"{self.field} is empty; fill it in, or leave the field out when nothing is known")
        elif len(text) > MAX_SCALAR:
            self.problem(node, "DATA010", f"has {len(text)} characters; at most {MAX_SCALAR} are allowed")
        return text

    def pairs(self, node: yaml.MappingNode, place: Place) -> Iterator[tuple[str, Plain]]:
        keys: set[str] = set()
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.problem(key_node, "DATA006", "is not YAML that the book uses: a key must be a word")
                continue
            key = key_node.value
            if key in keys:
                self.problem(key_node, "DATA011", f"field {key!r} stands twice")
            keys.add(key)
            self.lines[(*place, key)] = key_node.start_mark.line + 1
            self.field = key
            yield key, self.value(value_node, (*place, key))

"""The exercises: docs/exercises/CHAPTER/NAME.md, and the files of those in code.

EXER001: an exercise is not of the form: front matter, statement, `## Hint`, `## Solution`.
EXER002: the front matter of an exercise lacks a field, or has one that is not known or not right.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from tools.fields import said
from tools.lessons import ExerciseHead
from tools.pages import Page
from tools.problem import Problem

FOLDER = "exercises"
PARTS = re.compile(r"\A---\n.*?\n---\n(?P<statement>.*?)^## Hint\n(?P<hint>.*?)^## Solution\n(?P<solution>.*)\Z", re.S | re.M)


@dataclass(frozen=True)
class Exercise:
    """One exercise. `chapter` is the slug of its chapter, `name` its file's name without ending."""

    page: Page
    head: ExerciseHead
    statement: str
    hint: str
    solution: str

    @property
    def chapter(self) -> str:
        """Slug of the chapter."""
        return self.page.docname.split("/")[1]

    @property
    def name(self) -> str:
        """Name of the file without ending."""
        return self.page.docname.split("/")[-1]

    def line(self, part: str) -> int:
        """The line where the heading of a part stands."""
        rows = self.page.text.split("\n")
        return rows.index(f"## {part}") + 1 if f"## {part}" in rows else 1

    def file(self, root: Path, kind: str = "") -> Path:
        """The Python file of an exercise in code: the one with holes, or `check`, `reference`, `other`, `wrong1` …"""
        return root / "docs" / FOLDER / self.chapter / f"{self.name}{'_' * bool(kind)}{kind}.py"


def of(pages: Iterable[Page]) -> Iterator[Exercise | Problem]:
    """Every exercise among the pages, or what is wrong with it."""
    for page in pages:
        if not page.docname.startswith(f"{FOLDER}/"):
            continue
        parts = PARTS.match(page.text)
        if not parts:
            yield Problem(page.name, 1, "EXER001", "needs front matter, a statement, ## Hint and ## Solution, in this order")
            continue
        try:
            head = ExerciseHead.model_validate(page.meta)
        except ValidationError as error:
            for one in error.errors(include_url=False, include_input=False):
                field = ".".join(map(str, one["loc"]))
                yield Problem(page.name, page.front.line(one["loc"]), "EXER002", f"{field} {said(dict(one))}")
            continue
        yield Exercise(page, head, parts["statement"], parts["hint"], parts["solution"])


def label(chapter: str, name: str) -> str:
    """The label of an exercise."""
    return f"ex-{chapter}-{re.sub(r'^[0-9]+-', '', name)}"

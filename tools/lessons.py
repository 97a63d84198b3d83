"""What a chapter teaches with: quiz questions, equations with their tests, the heads of exercises.

Fields and rules within one record; what concerns several records or the pages is in `checks.teaching`.
"""

from math import floor, log10
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from tools.fields import Plain, Record, Slug, Text, form

Code = Annotated[str, StringConstraints(min_length=1, max_length=600)]


class Option(Record):
    """An option of a question; a wrong one names the idea that leads to it."""

    text: Text
    right: bool = False
    misconception: Text | None = None
    why: Text

    @model_validator(mode="after")
    def _named(self) -> "Option":
        if self.right == (self.misconception is not None):
            raise ValueError("a wrong option names its misconception, the right one has none")
        return self


class Mistake(Record):
    """A wrong number and the idea that leads to it."""

    value: float
    misconception: Text
    why: Text


class Question(Record):
    """A quiz question: single or multiple choice with an explanation per option, or a number with a tolerance."""

    id: Slug
    objective: int = Field(ge=1, le=6)
    kind: Literal["single", "multiple", "numeric"]
    question: Text
    calculation: bool = False
    options: tuple[Option, ...] = ()
    answer: float | None = None
    tolerance: float | None = Field(default=None, gt=0)
    mistakes: tuple[Mistake, ...] = ()
    why: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> "Question":
        if self.kind == "numeric":
            return self._numeric()
        right = sum(option.right for option in self.options)
        if self.answer is not None or self.tolerance is not None or self.mistakes or self.why:
            raise ValueError("answer, tolerance, mistakes and why belong to numeric questions; options have their own why")
        if not 2 <= len(self.options) <= 8:
            raise ValueError("needs 2 to 8 options")
        if right == 0 or right == len(self.options) or (self.kind == "single" and right != 1):
            raise ValueError("single has exactly one right option, multiple at least one right and one wrong")
        return self

    def _numeric(self) -> "Question":
        if self.options or self.answer is None or self.tolerance is None or not self.why:
            raise ValueError("numeric needs answer, tolerance and why, and has no options")
        if abs(rounded(self.answer) - self.answer) > self.tolerance:
            raise ValueError("the tolerance rejects the answer rounded to three digits")
        for mistake in self.mistakes:
            if abs(mistake.value - self.answer) <= self.tolerance:
                raise ValueError(f"the tolerance accepts the mistake {mistake.value:g}")
        return self


def rounded(number: float, digits: int = 3) -> float:
    """`number` with so many digits that count."""
    return round(number, digits - 1 - floor(log10(abs(number)))) if number else 0.0


class Mutant(Record):
    """A slip in the code that the equation's test must notice: `was` stands once in `file` and turns into `becomes`."""

    file: Annotated[str, form(r"docs/(labs|exercises)/[\w/-]+\.py", "a Python file of docs/labs or docs/exercises")]
    was: Code
    becomes: Code

    @model_validator(mode="after")
    def _differs(self) -> "Mutant":
        if self.was == self.becomes:
            raise ValueError("was and becomes are the same")
        return self


class Equation(Record):
    """A labelled equation: the test that holds it and the mutant that this test kills, or the reason why it has none."""

    id: Annotated[str, form(r"eq-[a-z0-9]+(-[a-z0-9]+)*", "the label of an equation such as eq-return")]
    says: Text | None = None
    test: Annotated[str, form(r"tests/[\w/]+\.py::\w+", "a test such as tests/equations/test_x.py::test_y")] | None = None
    code: Annotated[str, form(r"docs/labs/[\w/]+\.py::\w+", "a function such as docs/labs/x.py::y")] | None = None
    worked: Annotated[str, form(r"[a-z0-9-]+\.\w+", "worked numbers such as reinforcement-learning.example")] | None = None
    mutant: Mutant | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def _proved(self) -> "Equation":
        if (self.reason is None) != (self.test is not None and self.mutant is not None):
            raise ValueError("needs a test and a mutant, or else a reason why it has none")
        if self.reason is None and self.says is None:
            raise ValueError("needs says: what the equation says, in one line")
        return self


class ExerciseHead(Record):
    """The front matter of an exercise."""

    title: Plain
    objective: int = Field(ge=1, le=6)
    depth: Literal["check", "derive", "build"]
    minutes: int = Field(ge=1, le=240)

"""Empty records, drawn from the models, for people who add one."""

import typing

from tools.fields import Record
from tools.lessons import Equation, Question
from tools.models import Course, Entry, Erratum, Paper, Repository, Symbol, Table, Term, Testbed

KINDS: dict[str, tuple[str, type[Record]]] = {
    "paper": ("docs/data/papers/TOPIC.yaml", Paper),
    "repository": ("docs/data/repositories.yaml", Repository),
    "course": ("docs/data/courses.yaml", Course),
    "environment": ("docs/data/environments.yaml", Testbed),
    "benchmark": ("docs/data/benchmarks.yaml", Testbed),
    "table": ("docs/data/tables/NAME.yaml", Table),
    "entry": ("docs/data/source_list.yaml", Entry),
    "erratum": ("docs/data/errata.yaml", Erratum),
    "symbol": ("docs/data/notation.yaml", Symbol),
    "term": ("docs/data/glossary.yaml", Term),
    "question": ("docs/data/quizzes/CHAPTER.yaml", Question),
    "equation": ("docs/data/equations/CHAPTER.yaml", Equation),
}
CHAPTER = "chapter"
FILES = {
    "docs/PART/SLUG.md": """\
---
title: TITLE
topics: [SLUG]
objectives:
- VERB what the reader can do afterwards, in words that an exercise can check (three to six)
prerequisites: [foundations/reinforcement-learning]
level: intermediate
lab: LAB
---
Promise in two or three sentences, then one case with numbers: {worked}`SLUG.case`.

## The idea

## Definitions and derivation

$$
a = b
$$ (eq-NAME)

````{folded} Proof of ...
Every step.
````

## Worked numbers

## The algorithm

```{literalinclude} ../labs/LAB.py
:pyobject: FUNCTION
```

## Lab: WHAT IT SHOWS

```{lab-figure} LAB.FUNCTION
:name: fig-NAME
:alt: What one sees.

Caption.
```

## What goes wrong

## In practice

## Summary

## Exercises

```{exercises} SLUG
```

## Quiz

```{quiz} SLUG
```

## Further reading

```{include} ../_generated/lists/SLUG.md
```
""",
    "docs/labs/worked/MODULE.py": '''\
"""The numbers that the chapter SLUG shows; tests/worked/test_MODULE.py holds them worked by hand."""


def case() -> float:
    """What the case at the beginning comes to."""
    return 0.5
''',
    "tests/worked/test_MODULE.py": '''\
"""The worked numbers of SLUG, by hand."""

import MODULE as worked
import pytest


def test_case():
    # by hand: 1 / 2 = 0.5
    assert worked.case() == pytest.approx(0.5)
''',
    "docs/exercises/SLUG/01-NAME.md": """\
---
title: WHAT IS ASKED
objective: 1
depth: check  # check | derive | build
minutes: 10
---
Statement.

## Hint

A nudge that does not contain the answer.

## Solution

Every step; after a derivation the last line gives its points.

**Marking:** (2) the idea, (1) the value.
""",
}


def chapter(name: str, title: str) -> str:
    """The files that a chapter PART/SLUG begins with, each under its path."""
    part, _, slug = name.partition("/")
    words = {"PART": part, "SLUG": slug, "TITLE": title, "MODULE": slug.replace("-", "_")}
    made = [f"=== {path}\n{text}" for path, text in FILES.items()]
    for kind in ("equation", "question"):
        path = KINDS[kind][0].replace("CHAPTER", slug)
        made.append(f"=== {path}\n{skeleton(kind, 'eq-NAME' if kind == 'equation' else 'NAME')}")
    text = "\n".join(made)
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def skeleton(kind: str, name: str) -> str:
    """A record of `kind` with the id `name`: required fields bare, the others as comments."""
    path, model = KINDS[kind]
    head = f"# for {path}; fill in every field, and of those behind # what is known\n"
    first, rest = ("", "") if path.endswith("NAME.yaml") else ("- ", "  ")  # a file of one record is a map
    return head + "".join(f"{first if n == 0 else rest}{row}\n" for n, row in enumerate(_rows(model, name)))


def _rows(model: type[Record], name: str, indent: str = "") -> list[str]:
    rows: list[str] = []
    for field, info in model.model_fields.items():
        word, inner = info.alias or field, _record(info.annotation)
        mark = "" if info.is_required() else "# "
        if word == "id":
            rows.append(f"id: {name}".rstrip())
        elif word == "custom" and inner:
            rows += ["custom:", *_rows(inner, name, "  ")]
        else:
            rows.append(f"{indent}{mark}{word}: {_hint(info.annotation, inner)}".rstrip())
    return rows


def _record(annotation: object) -> type[Record] | None:
    """The kind of record that a field holds, alone or in a list."""
    for one in (annotation, *typing.get_args(annotation)):
        if isinstance(one, type) and issubclass(one, Record):
            return one
    return None


def _hint(annotation: object, inner: type[Record] | None) -> str:
    """What the value looks like: a list, a list of maps, one of a few words."""
    several = any(typing.get_origin(one) is tuple for one in (annotation, *typing.get_args(annotation)))
    choice = _choice(annotation)
    if choice:
        return f"# {'list of ' * several}{' | '.join(choice)}"
    if inner:
        maps = "{" + ", ".join(str(info.alias or key) for key, info in inner.model_fields.items()) + "}"
        return f"# list of {maps}" if several else f"# {maps}"
    return "[]" if several else ""


def _choice(annotation: object) -> tuple[str, ...]:
    """The words that a field, or each item of it, may have."""
    if typing.get_origin(annotation) is typing.Literal:
        return tuple(map(str, typing.get_args(annotation)))
    return next(filter(None, map(_choice, typing.get_args(annotation))), ())

"""Empty records, drawn from the models, for people who add one."""

import typing

from tools.fields import Record
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
}


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

"""docs/data to one frozen Catalog, or to all its problems.

DATA020: a field that the record needs is missing.
DATA021: a field is not one that this kind of record has. Mend the spelling, or put our own facts under `custom`.
DATA022: a value does not have the form of its field (date, arXiv id, DOI, address, licence, one of a list of words).
DATA023: the fields of a record contradict one another.
DATA024: the file holds a list where a map is due, or the other way round.
DATA025: a file of docs/data is missing, or is one that the book does not know.
DATA030: an id stands twice. Ids name records in prose, so each may have one meaning only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from tools import lessons
from tools import models as m
from tools.catalog import Catalog
from tools.fields import Record, field_names, said
from tools.problem import Problem
from tools.rules import RULES
from tools.source import Document, Place, read

DATA = "docs/data"

Spec = tuple[str, type[Record], bool]

# file name -> (attribute of Catalog, model, whether the file is a list of records)
ONE: dict[str, Spec] = {
    "book.yaml": ("book", m.Book, False),
    "vocabulary.yaml": ("vocabulary", m.Vocabulary, False),
    "repositories.yaml": ("repositories", m.Repository, True),
    "courses.yaml": ("courses", m.Course, True),
    "environments.yaml": ("environments", m.Testbed, True),
    "benchmarks.yaml": ("benchmarks", m.Testbed, True),
    "source_list.yaml": ("source_list", m.Entry, True),
    "errata.yaml": ("errata", m.Erratum, True),
    "paths.yaml": ("paths", m.ReadingPath, True),
    "notation.yaml": ("symbols", m.Symbol, True),
    "glossary.yaml": ("terms", m.Term, True),
}
MANY: dict[str, Spec] = {
    "papers": ("papers", m.Paper, True),
    "tables": ("tables", m.Table, False),
    "quizzes": ("questions", lessons.Question, True),
    "equations": ("equations", lessons.Equation, True),
}
IN_FILE_ORDER = (
    "source_list",
    "paths",
    "errata",
    "questions",
    "equations",
)  # lists whose order means something; all others are sorted by id


@dataclass
class _Loading:
    """Records as they come in, with their places, and the problems met."""

    found: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: dict[tuple[str, str], tuple[Document, Place]] = field(default_factory=dict)
    declared: dict[str, set[str]] = field(default_factory=dict)  # ids, also of records with problems
    unread: set[str] = field(default_factory=set)  # attributes of which a file could not be read
    problems: list[Problem] = field(default_factory=list)


def load(root: Path) -> tuple[Catalog | None, list[Problem]]:
    """The catalog under `root` (the repository), or None and every problem, sorted."""
    loading = _Loading()
    for path, (attribute, model, many) in _files(root, loading):
        name = path.relative_to(root).as_posix()
        document, problems = read(path, name)
        loading.problems += problems
        if document is None:
            loading.unread.add(attribute)
        else:
            _records(document, attribute, model, many, loading)
    catalog = _freeze(loading)
    if catalog:
        loading.problems += chain.from_iterable(rule(catalog) for rule in RULES)
    return (None if loading.problems else catalog), sorted(set(loading.problems))


def _files(root: Path, loading: _Loading) -> Iterator[tuple[Path, Spec]]:
    data = root / DATA
    for name, spec in ONE.items():
        if not (data / name).is_symlink() and not (data / name).exists():
            loading.problems.append(Problem(f"{DATA}/{name}", 0, "DATA025", "is missing"))
        else:
            yield data / name, spec
    for folder, spec in MANY.items():
        for path in sorted((data / folder).iterdir() if (data / folder).is_dir() else ()):
            if path.suffix == ".yaml":
                yield path, spec
            else:
                name = path.relative_to(root).as_posix()
                loading.problems.append(Problem(name, 0, "DATA025", "is no .yaml file; the book reads nothing else here"))
    known = {*ONE, *MANY, "syllabi"}
    for path in sorted(data.iterdir() if data.is_dir() else ()):
        if path.name not in known:
            name = path.relative_to(root).as_posix()
            loading.problems.append(Problem(name, 0, "DATA025", "is no file of docs/data that the book knows"))


def _records(document: Document, attribute: str, model: type[Record], many: bool, loading: _Loading) -> None:
    value = document.value
    if not isinstance(value, list if many else dict):
        what = "a list of records (- id: ...)" if many else "a map of fields"
        loading.problems.append(Problem(document.path, 1, "DATA024", f"must hold {what}"))
        loading.unread.add(attribute)
        return
    items: list[tuple[Place, Any]] = [((n,), item) for n, item in enumerate(value)] if many else [((), value)]
    into = loading.found.setdefault(attribute, {})
    for place, item in items:
        if not isinstance(item, dict):
            loading.problems.append(Problem(document.path, document.line(place), "DATA024", "must be a map of fields"))
            loading.unread.add(attribute)
            continue
        name = str(item.get("id", attribute))
        loading.declared.setdefault(attribute, set()).add(name)
        try:
            record = model.model_validate(item)
        except ValidationError as error:
            loading.problems += _field_problems(document, place, name, model, error)
            continue
        key = getattr(record, "id", attribute)
        if key in into:
            other, its_place = loading.places[attribute, key]
            what = f"id {key} is taken by the record at {other.path}:{other.line(its_place)}"
            loading.problems.append(Problem(document.path, document.line(place), "DATA030", what))
            continue
        into[key] = record
        loading.places[attribute, key] = (document, place)


def _field_problems(
    document: Document, place: Place, name: str, model: type[Record], error: ValidationError
) -> Iterator[Problem]:
    found = error.errors(include_url=False, include_input=False)
    for one in found:
        where = one["loc"]
        if one["type"] == "too_short" and any(other["loc"][: len(where)] == where for other in found if other != one):
            continue  # an item with problems of its own is not missing
        code = {"missing": "DATA020", "extra_forbidden": "DATA021"}.get(one["type"], "DATA022" if where else "DATA023")
        text = said(dict(one))
        if code == "DATA021":
            close = get_close_matches(str(where[-1]), field_names(model), 1)
            text += f"; did you mean {close[0]}?" if close else ""
        shown = ".".join(map(str, _steps(document, place, where)))
        yield Problem(document.path, document.line((*place, *where)), code, " ".join(filter(None, (f"{name}:", shown, text))))


def _steps(document: Document, place: Place, where: Place) -> Iterator[str | int]:
    """`where` without the steps that name an alternative of a type rather than a place in the file."""
    at = place
    for step in where:
        if (*at, step) in document.lines or (step == where[-1] and "[" not in str(step)):
            yield step
            at = (*at, step)


def _freeze(loading: _Loading) -> Catalog | None:
    """What was found; None when even the vocabulary is broken, so that no rule could be asked."""
    if not all(loading.found.get(name) for name in ("book", "vocabulary")):
        return None

    def mapping(attribute: str) -> Mapping[str, Any]:
        found = loading.found.get(attribute, {})
        return MappingProxyType(found if attribute in IN_FILE_ORDER else dict(sorted(found.items())))

    attributes: dict[str, Any] = {name: mapping(name) for name, _, _ in (*ONE.values(), *MANY.values())}
    attributes |= {name: loading.found[name][name] for name in ("book", "vocabulary")}
    return Catalog(**attributes, places=loading.places, declared=loading.declared, unread=loading.unread)

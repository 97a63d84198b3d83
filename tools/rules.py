"""Rules over records: each is a generator of problems, and its docstring is what `python -m tools explain` shows."""

import re
import unicodedata
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from tools.catalog import Catalog
from tools.problem import Problem
from tools.source import Place


def same_paper(catalog: Catalog) -> Iterator[Problem]:
    """DATA031: two records are one paper (same arXiv id, DOI or title). Keep one; its topics can name both chapters."""
    seen: dict[tuple[str, str], str] = {}
    for key, paper in catalog.papers.items():
        marks = {"arXiv id": paper.custom.arxiv, "DOI": paper.doi and paper.doi.lower(), "title": normal(paper.title)}
        for what, value in marks.items():
            first = seen.setdefault((what, value), key) if value else key
            if first != key:
                yield _at(catalog, "papers", key, "DATA031", f"{key} has the {what} of {first}: two records, one paper")


def known_topics(catalog: Catalog) -> Iterator[Problem]:
    """DATA032: a topic is not in vocabulary.yaml. Topics are the slugs of the chapters."""
    parts = {part.id for part in catalog.vocabulary.parts}
    for n, topic in enumerate(catalog.vocabulary.topics):
        if topic.part not in parts:
            what = f"topic {topic.id} is in the unknown part {topic.part}"
            yield _at(catalog, "vocabulary", "vocabulary", "DATA032", what, ("topics", n, "part"))
    for kind in ("papers", "repositories", "courses", "environments", "benchmarks"):
        for key, record in getattr(catalog, kind).items():
            for n, topic in enumerate(record.custom.topics):
                if topic not in catalog.topics:
                    close = get_close_matches(topic, catalog.topics, 1)
                    hint = f"; did you mean {close[0]}?" if close else ""
                    what = f"{key}: custom.topics {topic!r} is no topic of vocabulary.yaml{hint}"
                    yield _at(catalog, kind, key, "DATA032", what, ("custom", "topics", n))
    for kind in ("symbols", "terms"):
        for key, record in getattr(catalog, kind).items():
            if record.topic not in catalog.topics:
                yield _at(
                    catalog, kind, key, "DATA032", f"{key}: topic {record.topic!r} is no topic of vocabulary.yaml", ("topic",)
                )


def known_papers(catalog: Catalog) -> Iterator[Problem]:
    """DATA033: a citation key is that of no paper in docs/data/papers. Add the paper first, with its sources."""
    for kind, key, inner, name in _paper_references(catalog):
        if not catalog.knows("papers", name):
            yield _at(catalog, kind, key, "DATA033", f"{key}: {name} is no paper of docs/data/papers", inner)


Reference = tuple[str, str, Place, str]  # kind and id of the record that refers, where in it, what it names


def _paper_references(catalog: Catalog) -> Iterator[Reference]:
    for key, repository in catalog.repositories.items():
        yield from (("repositories", key, ("custom", "papers", n), name) for n, name in enumerate(repository.custom.papers))
    for kind in ("environments", "benchmarks"):
        for key, testbed in getattr(catalog, kind).items():
            if testbed.custom.paper:
                yield kind, key, ("custom", "paper"), testbed.custom.paper
    for key, entry in catalog.source_list.items():
        yield from (("source_list", key, ("cite", n), name) for n, name in enumerate(entry.cite))
    for n, algorithm in enumerate(catalog.vocabulary.algorithms):
        if algorithm.paper:
            yield "vocabulary", "vocabulary", ("algorithms", n, "paper"), algorithm.paper
    yield from _papers_of_tables(catalog)


def _papers_of_tables(catalog: Catalog) -> Iterator[Reference]:
    for key, table in catalog.tables.items():
        for n, row in enumerate(table.rows):
            if row.paper:
                yield "tables", key, ("rows", n, "paper"), row.paper
            for column, cell in row.cells.items():
                yield "tables", key, ("rows", n, "cells", column, "cite"), cell.cite


def known_repositories(catalog: Catalog) -> Iterator[Problem]:
    """DATA034: a repository is not in repositories.yaml. Add it there first, with its evidence."""
    for kind, key, inner, name in _repository_references(catalog):
        if not catalog.knows("repositories", name):
            yield _at(catalog, kind, key, "DATA034", f"{key}: {name} is not in repositories.yaml", inner)


def _repository_references(catalog: Catalog) -> Iterator[Reference]:
    for key, paper in catalog.papers.items():
        yield from (("papers", key, ("custom", "code", n), name) for n, name in enumerate(paper.custom.code))
    for kind in ("environments", "benchmarks"):
        for key, testbed in getattr(catalog, kind).items():
            if testbed.custom.repository:
                yield kind, key, ("custom", "repository"), testbed.custom.repository
    for key, repository in catalog.repositories.items():
        if repository.custom.successor:
            yield "repositories", key, ("custom", "successor"), repository.custom.successor
    for n, algorithm in enumerate(catalog.vocabulary.algorithms):
        for word, name in (("code", algorithm.code), ("successor", algorithm.successor)):
            if name:
                yield "vocabulary", "vocabulary", ("algorithms", n, word), name


def known_venues(catalog: Catalog) -> Iterator[Problem]:
    """DATA035: a container-title is not the title of a venue in vocabulary.yaml, or of another type. One spelling each."""
    venues: dict[str, str] = {venue.title: venue.type for venue in catalog.vocabulary.venues}
    for key, paper in catalog.papers.items():
        venue = paper.container_title
        if venue and venues.get(venue) != paper.type:
            why = f"is a venue of type {venues[venue]}" if venue in venues else "is no venue of vocabulary.yaml"
            yield _at(catalog, "papers", key, "DATA035", f"{key}: container-title {venue!r} {why}", ("container-title",))


def right_file(catalog: Catalog) -> Iterator[Problem]:
    """DATA036: a paper stands in another file than that of its first topic. Move it, or reorder its topics."""
    for key, paper in catalog.papers.items():
        stem = Path(catalog.at("papers", key)[0]).stem
        if paper.custom.topics[0] != stem:
            what = f"{key}: first topic is {paper.custom.topics[0]}, so it belongs in papers/{paper.custom.topics[0]}.yaml"
            yield _at(catalog, "papers", key, "DATA036", what, ("custom", "topics"))
    for key in catalog.tables:
        if Path(catalog.at("tables", key)[0]).stem != key:
            yield _at(catalog, "tables", key, "DATA036", f"table {key} belongs in tables/{key}.yaml")


def right_key(catalog: Catalog) -> Iterator[Problem]:
    """DATA037: a citation key does not begin with the family name of the first author and a year. Keys never change later."""
    for key, paper in catalog.papers.items():
        family = fold(paper.author[0].short)
        if not re.fullmatch(rf"{family}[12][0-9]{{3}}[a-z0-9]+", key):
            yield _at(catalog, "papers", key, "DATA037", f"{key}: should begin with {family} and the year of first appearance")


def whole_rows(catalog: Catalog) -> Iterator[Problem]:
    """DATA038: a row of a comparison table has no cell for a column, or one for no column."""
    for key, table in catalog.tables.items():
        columns = {column.id for column in table.columns}
        for n, row in enumerate(table.rows):
            for name in sorted(columns ^ row.cells.keys()):
                what = "has no cell for column" if name in columns else "has a cell for the unknown column"
                yield _at(catalog, "tables", key, "DATA038", f"{key}: row {row.id} {what} {name}", ("rows", n))


def known_chapters(catalog: Catalog) -> Iterator[Problem]:
    """DATA039: a reading path leads to a chapter that is not in vocabulary.yaml (part/slug)."""
    chapters = {f"{topic.part}/{topic.id}" for topic in catalog.vocabulary.topics}
    for key, path in catalog.paths.items():
        for n, chapter in enumerate(path.chapters):
            if chapter not in chapters:
                yield _at(catalog, "paths", key, "DATA039", f"{key}: {chapter} is no chapter", ("chapters", n))


def known_equations(catalog: Catalog) -> Iterator[Problem]:
    """DATA045: an algorithm names an equation that is not in docs/data/equations."""
    for n, algorithm in enumerate(catalog.vocabulary.algorithms):
        if algorithm.equation and not catalog.knows("equations", algorithm.equation):
            what = f"{algorithm.id}: {algorithm.equation} is not in docs/data/equations"
            yield _at(catalog, "vocabulary", "vocabulary", "DATA045", what, ("algorithms", n, "equation"))


def known_words(catalog: Catalog) -> Iterator[Problem]:
    """DATA040: a repository names an algorithm or backend that vocabulary.yaml does not know. Add it, or an alias."""
    words = {("algorithm", name) for one in catalog.vocabulary.algorithms for name in (one.title, *one.aliases)}
    words |= {(one.kind, name) for one in catalog.vocabulary.backends for name in (one.title, *one.aliases)}
    for key, repository in catalog.repositories.items():
        custom = repository.custom
        for kind, field, names in (
            ("algorithm", "algorithms", custom.algorithms),
            ("training", "training-backends", custom.training_backends),
            ("rollout", "rollout-engines", custom.rollout_engines),
            ("orchestrator", "orchestrators", custom.orchestrators),
        ):
            for n, name in enumerate(names or ()):
                if (kind, name) not in words:
                    what = f"{key}: {field} {name!r} is not in vocabulary.yaml"
                    yield _at(catalog, "repositories", key, "DATA040", what, ("custom", field, n))


def free_table_names(catalog: Catalog) -> Iterator[Problem]:
    """DATA041: a comparison table has the name of a table that the press makes from other data. Give it another name."""
    for key in catalog.tables:
        if key in TABLES_MADE or key.startswith(("repository-", "source-list-")):
            yield _at(catalog, "tables", key, "DATA041", f"{key} is the name of a table that is made from other data")


def known_successors(catalog: Catalog) -> Iterator[Problem]:
    """DATA042: a successor is not a record of its own kind, or successors lead in a circle."""
    for kind in ("repositories", "environments", "benchmarks"):
        records = getattr(catalog, kind)
        after = {key: record.custom.successor for key, record in records.items() if record.custom.successor}
        for key, name in after.items():
            seen, at = {key}, name
            while at in after and at not in seen:
                seen.add(at)
                at = after[at]
            if at in seen:
                yield _at(catalog, kind, key, "DATA042", f"{key}: its successors lead back to {at}", ("custom", "successor"))
            elif kind != "repositories" and not any(catalog.knows(one, name) for one in ("environments", "benchmarks")):
                what = f"{key}: successor {name} is neither an environment nor a benchmark"
                yield _at(catalog, kind, key, "DATA042", what, ("custom", "successor"))


def named_once(catalog: Catalog) -> Iterator[Problem]:
    """DATA043: an id stands twice within a table or the vocabulary, or a record names a topic twice."""
    lists: list[tuple[str, str, str, list[str]]] = []
    for word in ("parts", "topics", "venues", "algorithms", "backends"):
        lists.append(("vocabulary", "vocabulary", word, [one.id for one in getattr(catalog.vocabulary, word)]))
    for key, table in catalog.tables.items():
        lists += [("tables", key, "columns", [c.id for c in table.columns]), ("tables", key, "rows", [r.id for r in table.rows])]
    for kind in ("papers", "repositories", "courses", "environments", "benchmarks"):
        lists += [(kind, key, "topics", list(one.custom.topics)) for key, one in getattr(catalog, kind).items()]
    for kind, key, word, names in lists:
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield _at(catalog, kind, key, "DATA043", f"{key}: {word} has {name} more than once")


def known_places(catalog: Catalog) -> Iterator[Problem]:
    """DATA044: `see` of a source-list entry is neither an address nor a repository or course that the book knows."""
    for key, entry in catalog.source_list.items():
        for n, name in enumerate(entry.see):
            if not name.startswith("https://") and not any(catalog.knows(kind, name) for kind in ("repositories", "courses")):
                what = f"{key}: {name} is neither an address nor a repository or course"
                yield _at(catalog, "source_list", key, "DATA044", what, ("see", n))


TABLES_MADE = ("survey-papers", "courses", "workshops", "environments", "benchmarks", "corrections")


RULES = (
    same_paper, known_topics, known_papers, known_repositories, known_venues, right_file, right_key, whole_rows,
    known_chapters, known_words, known_equations, free_table_names, known_successors, named_once, known_places,
)  # fmt: skip


def _at(catalog: Catalog, kind: str, key: str, code: str, message: str, inner: Place = ()) -> Problem:
    return Problem(*catalog.at(kind, key, inner), code, message)


def normal(title: str) -> str:
    """A title without case, accents and punctuation, for comparison."""
    return re.sub(r"[^a-z0-9]+", " ", _ascii(title).lower()).strip()


def fold(name: str) -> str:
    """A family name as a citation key has it: ASCII letters and digits, lower case."""
    return re.sub(r"[^a-z0-9]", "", _ascii(name).lower())


_LETTERS = str.maketrans(dict(zip("øØłŁıđĐ", "oOlLidD", strict=True)) | {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})


def _ascii(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(character for character in decomposed if not unicodedata.combining(character))

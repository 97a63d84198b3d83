"""All data of the book, frozen, with the questions that renderers and checks ask of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tools import lessons
from tools import models as m
from tools.source import Document, Place


@dataclass(frozen=True)
class Catalog:
    """All data of the book. Mappings are by id, sorted by id, so that the order in the files changes no output."""

    book: m.Book
    vocabulary: m.Vocabulary
    papers: Mapping[str, m.Paper]
    repositories: Mapping[str, m.Repository]
    courses: Mapping[str, m.Course]
    environments: Mapping[str, m.Testbed]
    benchmarks: Mapping[str, m.Testbed]
    tables: Mapping[str, m.Table]
    source_list: Mapping[str, m.Entry]
    errata: Mapping[str, m.Erratum]
    paths: Mapping[str, m.ReadingPath]
    symbols: Mapping[str, m.Symbol]
    terms: Mapping[str, m.Term]
    questions: Mapping[str, lessons.Question]
    equations: Mapping[str, lessons.Equation]
    places: Mapping[tuple[str, str], tuple[Document, Place]] = field(repr=False)  # (attribute, id) -> where it stands
    declared: Mapping[str, set[str]] = field(repr=False)  # attribute -> its ids, also of records that have problems

    unread: set[str] = field(repr=False)  # attributes of which a file could not be read, so that any id may be in it

    def knows(self, kind: str, key: str) -> bool:
        """Whether a record of that id was given, with problems or without."""
        return key in self.declared.get(kind, ()) or kind in self.unread

    def at(self, kind: str, key: str, inner: Place = ()) -> tuple[str, int]:
        """File and line of the record `key` of the attribute `kind`, or of the place `inner` in it."""
        document, place = self.places[kind, key]
        return document.path, document.line((*place, *inner))

    @property
    def topics(self) -> dict[str, m.Topic]:
        """Topics in the order of the book."""
        return {topic.id: topic for topic in self.vocabulary.topics}

    def of_topic(self, topic: str) -> list[m.Paper]:
        """Papers of `topic`, oldest first."""
        return sorted(
            (paper for paper in self.papers.values() if topic in paper.custom.topics),
            key=lambda paper: (paper.first_seen, paper.id),
        )

    def cited_by_data(self) -> set[str]:
        """Citation keys that stand in the data itself: in comparison tables and in the corrections."""
        cells = (cell.cite for table in self.tables.values() for row in table.rows for cell in row.cells.values())
        return {*cells, *(key for entry in self.source_list.values() for key in entry.cite)}

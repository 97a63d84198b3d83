"""What a record is: fields and rules within one record. CSL-JSON names; ours stand under `custom`.

Values arrive as strings (see `source`); pydantic converts the few that are numbers, dates and booleans.
"""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from tools.fields import (
    Arxiv,
    Chapter,
    Commit,
    Date,
    Doi,
    Isbn,
    Key,
    License,
    Name,
    Plain,
    Record,
    Repo,
    Slug,
    Text,
    Url,
    form,
    short_names,
)


class Custom(Record):
    """Ours, in every record: what it is for and how it was checked."""

    topics: tuple[Slug, ...] = Field(min_length=1, max_length=6)
    sources: tuple[Text, ...] = Field(min_length=1)
    checked: Date


class PaperCustom(Custom):
    arxiv: Arxiv | None = None
    primaryclass: Annotated[str, form(r"[a-z-]+(\.[A-Za-z-]+)?", "an arXiv category such as cs.LG")] | None = None
    kind: Literal["survey", "benchmark", "system-report", "theory", "textbook"] | None = None
    code: tuple[Repo, ...] = ()
    venue_sources: tuple[Text, ...] = ()


PAPER_TYPES = {
    "article": "misc",
    "article-journal": "article",
    "paper-conference": "inproceedings",
    "book": "book",
    "chapter": "incollection",
    "thesis": "phdthesis",
    "report": "techreport",
    "webpage": "misc",
    "post-weblog": "misc",
}


class Paper(Record):
    """A work that the book cites or lists. `issued` dates the version that is cited."""

    id: Key
    type: Literal[
        "article",
        "article-journal",
        "paper-conference",
        "book",
        "chapter",
        "thesis",
        "report",
        "webpage",
        "post-weblog",
    ]
    title: Plain
    author: tuple[Name, ...] = Field(min_length=1)
    issued: Date
    container_title: Plain | None = None
    editor: tuple[Name, ...] = ()
    volume: Plain | None = None
    issue: Plain | None = None
    page: Plain | None = None
    number: Plain | None = None
    edition: Plain | None = None
    collection_title: Plain | None = None
    publisher: Plain | None = None
    publisher_place: Plain | None = None
    doi: Doi | None = None
    isbn: Isbn | None = None
    url: Url | None = None
    note: Text | None = None
    custom: PaperCustom

    @model_validator(mode="after")
    def _whole(self) -> "Paper":
        needs_venue = self.type in ("article-journal", "paper-conference", "chapter")
        if needs_venue and not self.container_title:
            raise ValueError(f"type {self.type} needs container-title; a preprint is type article")
        if self.type in ("thesis", "report", "book") and not self.publisher:
            raise ValueError(f"type {self.type} needs publisher")
        if not needs_venue and self.container_title:
            raise ValueError(f"type {self.type} has no container-title")
        if self.container_title and not self.custom.venue_sources:
            raise ValueError("container-title needs custom.venue-sources; without proof of the venue cite the preprint")
        if not (self.custom.arxiv or self.doi or self.url or self.isbn):
            raise ValueError("needs custom.arxiv, DOI, ISBN or URL, so that a reader can find the work")
        if len(set(self.custom.sources)) < 2 and not self.custom.sources[0].startswith("https://"):
            raise ValueError("needs two independent custom.sources, or the page of the work itself")
        return self

    @property
    def year(self) -> int:
        """Year of the cited version."""
        return int(self.issued[:4])

    @cached_property
    def first_seen(self) -> str:
        """Date of first appearance: of the arXiv id when that is earlier than `issued`."""
        arxiv = self.custom.arxiv
        if not arxiv or "/" in arxiv:
            return self.issued
        month = f"20{arxiv[:2]}-{arxiv[2:4]}"
        return month if month[:4] <= self.issued[:4] else self.issued

    @property
    def link(self) -> str:
        """Where a reader finds the work: its own address, else the preprint, else the DOI."""
        if self.url:
            return self.url
        if self.custom.arxiv:
            return f"https://arxiv.org/abs/{self.custom.arxiv}"
        return f"https://doi.org/{self.doi}" if self.doi else f"https://www.worldcat.org/isbn/{self.isbn}"

    @property
    def bibtype(self) -> str:
        """The BibTeX entry type."""
        return PAPER_TYPES[self.type]

    @property
    def by(self) -> str:
        """Authors as a citation names them."""
        return short_names(self.author)


Evidence = Text | tuple[Text, ...] | dict[str, Text]


class RepositoryCustom(Record):
    group: Literal["source-list", "library", "extended"]
    kind: Literal["trainer", "reference-implementation", "agent-framework", "environment", "benchmark", "dataset"] | None = None
    topics: tuple[Slug, ...] = Field(min_length=1)
    status: Literal[
        "active", "quiet", "declared-archived", "declared-unmaintained", "superseded", "snapshot-stale", "not-obtained"
    ]
    status_note: Text | None = None
    license: License | None = None
    license_note: Text | None = None
    moved_from: tuple[Repo, ...] = ()
    successor: Repo | None = None
    commit: Commit | None = None
    first_commit: Date | None = None
    last_commit: Date | None = None
    seen: Date | None = None
    commits: int | None = Field(default=None, ge=0)
    commits_in_final_year: int | None = Field(default=None, ge=0)
    default_branch: Plain | None = None
    latest_tag: Plain | None = None
    language: Plain | None = None
    python_requires: Plain | None = None
    python_documented: Plain | None = None
    pypi: Plain | None = None
    algorithms: tuple[Plain, ...] | None = None
    training_backends: tuple[Plain, ...] | None = None
    rollout_engines: tuple[Plain, ...] | None = None
    orchestrators: tuple[Plain, ...] | None = None
    peft: tuple[Plain, ...] | None = None
    modalities: tuple[Plain, ...] | None = None
    environments: tuple[Plain, ...] | None = None
    multi_turn: bool | None = None
    multi_node: bool | None = None
    async_: bool | None = Field(default=None, alias="async")
    papers: tuple[Key, ...] = ()
    arxiv: tuple[Arxiv, ...] = ()
    notes: Text | None = None
    evidence: dict[str, Evidence] = Field(default_factory=dict)
    checked: Date


class Repository(Record):
    """A code repository. An absent field is unknown; `[]` and `false` were looked for and not found."""

    id: Repo
    title: Plain
    url: Url
    note: Text | None = None
    custom: RepositoryCustom


class WebPage(Record):
    """What has a page on the web rather than a paper of its own."""

    id: Slug
    type: Literal["webpage"]
    title: Plain
    author: tuple[Name, ...] = ()
    issued: Date | None = None
    url: Url
    note: Text | None = None


class Course(WebPage):
    """A course, lecture series, tutorial or workshop."""

    class Custom(Custom):
        kind: Literal["course", "series", "tutorial", "workshop"]
        level: Literal["introductory", "intermediate", "advanced"] | None = None
        hours: float | None = Field(default=None, gt=0)
        materials: tuple[Literal["video", "slides", "assignments", "notes", "code", "textbook", "papers"], ...] = ()
        license: Text | None = None

    custom: Custom


Modality = Literal[
    "grid", "text", "web", "3d", "robotics", "social", "code", "tool-use", "games", "control", "math", "vision",
    "preferences", "knowledge", "navigation", "computer-use", "science", "safety", "driving",
]  # fmt: skip


class Testbed(WebPage):
    """An environment to act in, or a benchmark to be measured by."""

    class Custom(Custom):
        modality: tuple[Modality, ...] = Field(min_length=1)
        measures: Text | None = None
        metric: Text | None = None
        paper: Key | None = None
        repository: Repo | None = None
        successor: Slug | None = None
        license: Text | None = None

    custom: Custom


class Part(Record):
    id: Slug
    title: Plain
    source_list: Plain | None = None


class Topic(Record):
    id: Slug
    part: Slug
    title: Plain
    source_list: Plain | None = None


class Venue(Record):
    id: Slug
    title: Plain
    short: Plain
    type: Literal["paper-conference", "article-journal", "chapter"]


class Algorithm(Record):
    id: Slug
    title: Plain
    full: Plain | None = None
    paper: Key | None = None
    topic: Slug | None = None
    equation: Slug | None = None
    code: Repo | None = None
    successor: Repo | None = None
    aliases: tuple[Plain, ...] = ()


class Backend(Record):
    id: Slug
    title: Plain
    kind: Literal["training", "rollout", "orchestrator"]
    aliases: tuple[Plain, ...] = ()


class Vocabulary(Record):
    parts: tuple[Part, ...]
    topics: tuple[Topic, ...]
    venues: tuple[Venue, ...]
    algorithms: tuple[Algorithm, ...]
    backends: tuple[Backend, ...]


class Cell(Record):
    """A fact of a comparison table: what the source says, the source, and where in it."""

    value: Text
    cite: Key
    locator: Text


class Column(Record):
    id: Slug
    title: Plain


class Row(Record):
    id: Slug
    title: Plain
    paper: Key | None = None
    cells: dict[str, Cell]


class Table(Record):
    """A comparison table, every cell sourced."""

    id: Slug
    title: Plain
    note: Text | None = None
    checked: Date
    columns: tuple[Column, ...] = Field(min_length=1)
    rows: tuple[Row, ...] = Field(min_length=1)


class Listed(Record):
    """An item as the source list gives it."""

    title: Text
    author: Text | None = None
    date: Text | None = None
    url: Annotated[str, form(r"https://\S+", "an address that begins with https://")] | None = None


class Found(Record):
    """What the link of an item really is."""

    title: Plain
    author: tuple[Plain, ...] = ()
    date: Text | None = None


class Entry(Record):
    """One entry of the source list and what became of it."""

    id: Slug
    section: Plain
    kind: Literal["paper", "repository", "library", "course", "resource"]
    listed: Listed
    found: Found | None = None
    verdict: Literal["correct", "imprecise", "wrong-link", "wrong-title-and-link", "not-found"]
    cite: tuple[Key, ...] = ()
    see: tuple[Text, ...] = ()
    note: Text
    sources: tuple[Text, ...] = Field(min_length=1)
    checked: Date


class Erratum(Record):
    id: Slug
    edition: Plain
    date: Date
    page: Plain
    was: Text
    now: Text
    note: Text | None = None


class ReadingPath(Record):
    id: Slug
    title: Plain
    note: Text
    chapters: tuple[Chapter, ...] = Field(min_length=2)


class Symbol(Record):
    """A symbol of the notation registry: what it means and the macro that writes it."""

    id: Slug
    macro: Annotated[str, form(r"\\[A-Za-z]+", r"a macro such as \policy")]
    arguments: int = Field(default=0, ge=0, le=4)
    tex: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    show: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    meaning: Text
    topic: Slug


class Term(Record):
    """A glossary term: the field's standard word and what the book means by it."""

    id: Slug
    term: Plain
    also: tuple[Plain, ...] = ()
    meaning: Text
    topic: Slug


class Book(Record):
    """The book's own data. An address that is not set omits the feature that needs it."""

    title: Plain
    subtitle: Plain | None = None
    author: tuple[Name, ...] = Field(min_length=1)
    edition: Plain
    issued: Date
    license: License
    code_license: License
    base_url: Url | None = None
    repository_url: Url | None = None

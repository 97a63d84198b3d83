"""Papers, courses and testbeds as reading lists and tables, and the catalogue of all papers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from urllib.parse import quote

from tools.catalog import Catalog
from tools.fields import Name, short_names
from tools.models import Course, Paper, Testbed
from tools.render import csv, myst
from tools.render.tables import NONE_RECORDED, NOT_STATED, Cell, Column, Table, chapters, joined, link, record, said

PERIODS = (2017, 2020, 2023, 2025)  # each begins a period; long lists are parted there
LONG = 12
KINDS = {"article": "preprint", "webpage": "web page", "post-weblog": "blog post"}
REMARK = re.compile(r" \([^()]*\)$")
SUFFIXED = re.compile(r".*?\.[A-Za-z]\w{0,7}(?=$|[,;] )|.*?\.[A-Za-z]\w{0,7}(?=[\s,;(])")
WORD = re.compile(r"[^\s,;(]+")


def venue(paper: Paper, names: Mapping[str, str]) -> str:
    """The venue as people say it."""
    if paper.container_title:
        return names.get(paper.container_title, paper.container_title)
    return KINDS.get(paper.type) or paper.publisher or paper.type


def venue_names(catalog: Catalog) -> dict[str, str]:
    """Title of a venue -> its short name."""
    return {one.title: one.short for one in catalog.vocabulary.venues}


def period(year: str) -> str:
    """The period of a year, as a heading."""
    begun = [first for first in PERIODS if int(year) >= first]
    if not begun:
        return f"Before {PERIODS[0]}"
    following = PERIODS[len(begun)] - 1 if len(begun) < len(PERIODS) else None
    return f"{begun[-1]} to {following}" if following else f"{begun[-1]} and later"


def reading_lists(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """(topic, reading list) for each topic that has papers, oldest first."""
    by_topic: dict[str, list[Paper]] = {}
    for paper in sorted(catalog.papers.values(), key=lambda paper: (paper.first_seen, paper.id)):
        for topic in paper.custom.topics:
            by_topic.setdefault(topic, []).append(paper)
    names = venue_names(catalog)
    for topic, papers in sorted(by_topic.items()):
        yield topic, myst.HEADER + "\n" + _reading_list(catalog, papers, names)


def _reading_list(catalog: Catalog, papers: list[Paper], names: Mapping[str, str]) -> str:
    items = [(paper, _item(catalog, paper, names)) for paper in papers]
    if len(items) <= LONG:
        return "".join(item for _, item in items)
    parts = groupby(items, key=lambda pair: period(pair[0].first_seen[:4]))
    return "\n".join(myst.heading(title, 3) + "\n" + "".join(item for _, item in pairs) for title, pairs in parts)


def _item(catalog: Catalog, paper: Paper, names: Mapping[str, str]) -> str:
    code = joined(link(key, catalog.repositories[key].url) for key in paper.custom.code if key in catalog.repositories)
    parts = [
        f"{myst.link(paper.title, paper.link)}{'' if paper.title[-1] in '.?!' else '.'}",
        f"{record(catalog, paper.id).markup}; {myst.text(venue(paper, names))}{_earlier(paper)}.",
        _sentence(paper.note),
        f"Code: {code.markup}." if code.plain else "",
    ]
    return f"- {' '.join(filter(None, parts))}\n"


def _earlier(paper: Paper) -> str:
    """Where the version that is cited is of a later year: why the work stands where it does."""
    first = paper.first_seen[:4]
    return "" if first == str(paper.year) else f", first seen in {first}"


def _sentence(note: str | None) -> str:
    return "" if not note else myst.text(note if note[-1] in ".?!" else f"{note}.")


def source(place: str) -> Cell:
    """A place where id and title were seen to agree: a file of a public repository, or an address."""
    if place.startswith(("https://", "http://")):
        return link(place.split("/")[2].removeprefix("www."), place)
    found = re.match(r"([\w.-]+/[\w.-]+)(?::(\S.*))?", place, re.ASCII)
    if not found:
        return said(place)
    path = _path(found[2] or "")
    return link(found[1], f"https://github.com/{found[1]}" + (f"/blob/HEAD/{quote(path)}" if path else ""))


def _path(place: str) -> str:
    """The file in `place`, without the remark behind it; empty where that names no single file.

    A name with spaces ends in a suffix. What stands behind a suffix, or in parentheses behind a space, is a remark.
    """
    bare = REMARK.sub("", place)
    found = SUFFIXED.match(bare) or WORD.match(bare)
    return found[0] if found and "*" not in found[0] else ""


def catalogue(catalog: Catalog) -> Table:
    """All papers, each with the anchor that the rest of the book links to."""
    names = venue_names(catalog)
    topics = {key: chapters(catalog, [key]) for key in catalog.topics}
    rows = []
    for paper in catalog.papers.values():
        title = Cell(myst.anchor(myst.link(paper.title, paper.link), f"paper-{paper.id}"), paper.title)
        custom = paper.custom
        rows.append(
            (
                title,
                said(paper.by),
                said(paper.first_seen),
                said(venue(paper, names)),
                joined(topics[key] for key in custom.topics if key in topics),
                joined(_identifiers(paper)),
                joined([said(f"{custom.checked}:"), joined(map(source, custom.sources))], " "),
            )
        )
    columns = [
        Column("Title", 23),
        Column("Authors", 11),
        Column("First seen", 8),
        Column("Venue", 9, True),
        Column("Chapters", 12, True),
        Column("Identifiers", 12),
        Column("Checked against", 26),
    ]
    return Table("catalogue", "All papers of the catalogue", columns, rows)


def _identifiers(paper: Paper) -> Iterator[Cell]:
    if paper.custom.arxiv:
        yield link(f"arXiv:{paper.custom.arxiv}", f"https://arxiv.org/abs/{paper.custom.arxiv}")
    if paper.doi:
        yield link(f"DOI:{paper.doi}", f"https://doi.org/{paper.doi}")


def full_csv(catalog: Catalog) -> str:
    """All papers with all their fields, for spreadsheets."""
    header = "id type title authors first-seen issued venue arxiv doi url topics kind code note sources venue-sources checked"
    body = (
        (
            paper.id,
            paper.type,
            paper.title,
            "; ".join(", ".join(filter(None, (one.literal, one.family, one.given, one.suffix))) for one in paper.author),
            paper.first_seen,
            paper.issued,
            paper.container_title or "",
            paper.custom.arxiv or "",
            paper.doi or "",
            paper.link,
            "; ".join(paper.custom.topics),
            paper.custom.kind or "",
            "; ".join(paper.custom.code),
            paper.note or "",
            "; ".join(paper.custom.sources),
            "; ".join(paper.custom.venue_sources),
            paper.custom.checked,
        )
        for paper in catalog.papers.values()
    )
    return csv.rows(header.split(), body)


def all_tables(catalog: Catalog) -> Iterator[Table]:
    """Surveys, courses, workshops, environments, benchmarks."""
    yield surveys(catalog)
    yield _courses(catalog, "courses", "Courses, lecture series and tutorials", ("course", "series", "tutorial"))
    yield _courses(catalog, "workshops", "Workshops", ("workshop",))
    yield environments(catalog)
    yield benchmarks(catalog)


def surveys(catalog: Catalog) -> Table:
    """Papers that survey others, newest last."""
    names = venue_names(catalog)
    found = [paper for paper in catalog.papers.values() if paper.custom.kind == "survey"]
    rows = [
        [
            link(paper.title, paper.link),
            record(catalog, paper.id),
            said(paper.first_seen),
            said(venue(paper, names)),
            chapters(catalog, paper.custom.topics),
            said(paper.note or ""),
        ]
        for paper in sorted(found, key=lambda paper: (paper.first_seen, paper.id))
    ]
    columns = [
        Column("Survey", 28),
        Column("Record", 14),
        Column("First seen", 10),
        Column("Venue", 9, True),
        Column("Chapters", 18, True),
        Column("What it covers", 20),
    ]
    return Table("survey-papers", "Surveys", columns, rows)


def _year(issued: str | None) -> str:
    return issued[:4] if issued else NOT_STATED


def _known(*values: str | None) -> str:
    return "; ".join(filter(None, values)) or NOT_STATED


def _remarked(value: str) -> Cell:
    """Text in which what stands in parentheses is a remark: `MIT (code), CC BY 4.0 (text)`."""
    parts = re.split(r" (\([^()]*\))", value)  # every second one is a remark
    shown = (f" {myst.span(myst.text(one), 'remark')}" if n % 2 else myst.text(one) for n, one in enumerate(parts))
    return Cell("".join(shown), value)


def _people(names: tuple[Name, ...]) -> Cell:
    return said(short_names(names) or NOT_STATED)


def _courses(catalog: Catalog, name: str, caption: str, kinds: tuple[str, ...]) -> Table:
    found: Iterable[Course] = (one for one in catalog.courses.values() if one.custom.kind in kinds)
    rows = [
        [
            link(one.title, one.url),
            _people(one.author),
            said(_year(one.issued)),
            said(_known(one.custom.level, f"{one.custom.hours:g} h" if one.custom.hours else None)),
            _remarked(_known(", ".join(one.custom.materials), one.custom.license)),
            chapters(catalog, one.custom.topics),
            said(one.note or ""),
        ]
        for one in sorted(found, key=lambda one: (one.issued or "", one.id))
    ]
    columns = [
        Column("Title", 18),
        Column("By", 12),
        Column("Year", 8),
        Column("Level, hours", 11, True),
        Column("Materials, licence", 14, True),
        Column("Chapters", 17, True),
        Column("What it is", 20),
    ]
    return Table(name, caption, columns, rows)


def _testbed_links(catalog: Catalog, one: Testbed, others: Mapping[str, Testbed]) -> Cell:
    """Its paper, its repository and what followed it."""
    custom = one.custom
    cells = [record(catalog, custom.paper)] if custom.paper else []
    if custom.repository:
        cells.append(link(custom.repository, catalog.repositories[custom.repository].url))
    if custom.successor:
        after = others.get(custom.successor)
        shown = link(after.title, after.url) if after else said(custom.successor)
        cells.append(joined([said("successor:"), shown], " "))
    return joined(cells, nothing=NONE_RECORDED)


def environments(catalog: Catalog) -> Table:
    """Environments to act in."""
    rows = [
        [
            link(one.title, one.url),
            said(", ".join(one.custom.modality)),
            said(one.note or ""),
            _testbed_links(catalog, one, catalog.environments),
            said(_year(one.issued)),
            said(one.custom.license or NOT_STATED),
        ]
        for one in catalog.environments.values()
    ]
    columns = [
        Column("Environment", 15),
        Column("Modality", 13, True),
        Column("What it is", 30),
        Column("Paper, code", 20),
        Column("Year", 8),
        Column("Licence", 12, True),
    ]
    return Table("environments", "Environments", columns, rows)


def benchmarks(catalog: Catalog) -> Table:
    """Benchmarks and what they measure."""
    rows = [
        [
            link(one.title, one.url),
            said(", ".join(one.custom.modality)),
            said(one.custom.measures or NOT_STATED),
            said(one.custom.metric or NOT_STATED),
            _testbed_links(catalog, one, catalog.benchmarks),
            said(_year(one.issued)),
            said(one.note or ""),
        ]
        for one in catalog.benchmarks.values()
    ]
    columns = [
        Column("Benchmark", 14),
        Column("Modality", 11, True),
        Column("Measures", 20),
        Column("Metric", 14),
        Column("Paper, code", 16),
        Column("Year", 7),
        Column("About", 18),
    ]
    return Table("benchmarks", "Benchmarks, what they measure and how", columns, rows)

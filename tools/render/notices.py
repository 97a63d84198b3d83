"""What the book says of itself and of its source: corrections, errata, glossary, notation."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from tools.catalog import Catalog
from tools.models import Entry, Found, Listed, Symbol, Term
from tools.render import csv, myst
from tools.render.lists import source
from tools.render.tables import EMPTY, Cell, Column, Table, bare, chapter, chapters, joined, link, said

VERDICTS = {
    "correct": "correct as listed",
    "imprecise": "imprecisely listed",
    "wrong-link": "listed under a wrong address",
    "wrong-title-and-link": "title and address of something else",
    "not-found": "not found",
}


def corrections(catalog: Catalog) -> str:
    """Every entry of the source list and what became of it, in the order of the list."""
    entries = catalog.source_list.values()
    if not entries:
        return myst.HEADER + "\n" + EMPTY
    counted: Counter[str] = Counter(entry.verdict for entry in entries)
    summary = "; ".join(f"{words}: {counted[verdict]}" for verdict, words in VERDICTS.items() if counted[verdict])
    parts = [f"Entries of the source list: {len(entries)}. {summary[:1].upper()}{summary[1:]}.\n"]
    for section, group in groupby(entries, key=lambda entry: entry.section):
        parts += [myst.heading(section, 2), *("".join(_entry(catalog, entry)) for entry in group)]
    return myst.HEADER + "\n" + "\n".join(parts)


def _entry(catalog: Catalog, entry: Entry) -> Iterator[str]:
    title = myst.anchor(f"**{myst.text(entry.listed.title)}**", f"listed-{entry.id}")
    known = entry.found or entry.verdict in ("correct", "imprecise")
    yield f"{title} ({entry.kind}): {VERDICTS[entry.verdict]}\n"
    yield f": Listed: {_listed(entry.listed, bool(known))}\n\n"
    if entry.found:
        yield f": The link leads to: {_found(entry.found)}\n\n"
    elif entry.listed.url and not known:
        yield ": The link leads to: not identified.\n\n"
    yield f": {myst.text(entry.note)}\n\n"
    if entry.cite:
        yield f": This book cites: {', '.join(myst.cite([key], 't') for key in entry.cite)}.\n\n"
    see = joined(_see(catalog, place) for place in entry.see)
    if see.plain:
        yield f": See: {see.markup}.\n\n"
    yield f": Checked {entry.checked} against {joined(map(source, entry.sources)).markup}.\n"


def _listed(listed: Listed, known: bool) -> str:
    """As listed; an address that leads to nothing known is shown, not linked."""
    about = ", ".join(filter(None, (listed.author, listed.date)))
    address = listed.url and (myst.link(listed.url, listed.url) if known else myst.code(listed.url))
    return "; ".join(filter(None, (about and myst.text(about), address or "without a link")))


def _found(found: Found) -> str:
    about = ", ".join(filter(None, (", ".join(found.author), found.date)))
    return f"*{myst.text(found.title)}*" + (f" ({myst.text(about)})" if about else "") + "."


def _see(catalog: Catalog, place: str) -> Cell:
    one = catalog.repositories.get(place) or catalog.courses.get(place)
    if one:
        return link(one.title, one.url)
    return link(place, place) if place.startswith("http") else said(place)


def corrections_csv(catalog: Catalog) -> str:
    """The same, one entry a row."""
    header = ("id", "section", "kind", "title", "author", "date", "url", "found", "verdict", "cite", "see", "note", "checked")
    body = (
        (
            entry.id,
            entry.section,
            entry.kind,
            entry.listed.title,
            entry.listed.author or "",
            entry.listed.date or "",
            entry.listed.url or "",
            entry.found.title if entry.found else "unknown",
            VERDICTS[entry.verdict],
            "; ".join(entry.cite),
            "; ".join(entry.see),
            entry.note,
            entry.checked,
        )
        for entry in catalog.source_list.values()
    )
    return csv.rows(header, body)


def errata(catalog: Catalog) -> str:
    """What was wrong in an edition and how it reads now, newest first."""
    rows = [
        [said(one.date), said(one.edition), said(one.page), said(one.was), said(one.now), said(one.note or "")]
        for one in sorted(catalog.errata.values(), key=lambda one: (one.date, one.id), reverse=True)
    ]
    columns = [Column("Date"), Column("Edition"), Column("Page", 15), Column("Was", 25), Column("Is", 25), Column("Note", 15)]
    if not rows:
        return myst.HEADER + "\nNo error has been reported yet.\n"
    return myst.HEADER + "\n" + bare(Table("errata", "Errata", columns, rows))


def glossary(catalog: Catalog) -> str:
    """The terms, for the role `term`."""
    if not catalog.terms:
        return myst.HEADER + "\n" + EMPTY
    terms = sorted(catalog.terms.values(), key=lambda term: (term.term.casefold(), term.id))
    return myst.HEADER + "\n" + myst.directive("glossary", "", [], "\n".join(_term(catalog, term) for term in terms))


def _term(catalog: Catalog, term: Term) -> str:
    names = "".join(f"{_term_line(name)}\n" for name in (term.term, *term.also))
    topic = catalog.topics.get(term.topic)
    see = f" See {chapter(topic, topic.title).markup}." if topic else ""
    return f"{names}  {myst.text(term.meaning)}{see}\n"


def _term_line(name: str) -> str:
    """A term on its line, where ` : ` would begin a classifier and `.. ` a comment."""
    return myst.text(name).replace(" :", " \\:").replace("..", "\\..")


def notation(catalog: Catalog) -> str:
    """The registry of symbols."""
    if not catalog.symbols:
        return myst.HEADER + "\n" + EMPTY
    order = {topic: number for number, topic in enumerate(catalog.topics)}
    symbols = sorted(catalog.symbols.values(), key=lambda one: (order.get(one.topic, len(order)), one.id))
    rows = [[_shown(one), said(one.meaning), _macro(one), chapters(catalog, [one.topic])] for one in symbols]
    columns = [Column("Symbol", 14), Column("Meaning", 46), Column("Macro", 16), Column("First used in", 24, True)]
    return myst.HEADER + "\n" + bare(Table("notation", "Symbols of the book", columns, rows))


def _shown(symbol: Symbol) -> Cell:
    tex = symbol.show or (symbol.tex if symbol.arguments else symbol.macro)
    return Cell(myst.math(tex), tex)


def _macro(symbol: Symbol) -> Cell:
    shown = symbol.macro + "{…}" * symbol.arguments
    return Cell(myst.code(shown), shown)

"""A table of the book: once as MyST, once as CSV, from the same cells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tools.catalog import Catalog
from tools.models import Cell as Fact
from tools.models import Row, Topic
from tools.models import Table as Comparison
from tools.render import csv, myst

MAX_COLUMNS = 7
EMPTY = "Nothing is recorded here yet.\n"
UNKNOWN = "unknown"
NOT_STATED = "not stated"
NONE_RECORDED = "none recorded"
NOTHING = ("", UNKNOWN, NOT_STATED, NONE_RECORDED)  # a cell that says no more than that nothing is known


class Cell(NamedTuple):
    """What stands in a cell: as MyST, and as plain text for the CSV."""

    markup: str
    plain: str


class Column(NamedTuple):
    """A column: its title, its share of the width on paper, and whether readers choose rows by its values."""

    title: str
    width: int = 10
    choose: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under columns; the first cell of a row names the row. A column in which nothing is known is left out."""

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    note: str = ""  # MyST, below the table

    def __post_init__(self) -> None:
        assert len(self.columns) <= MAX_COLUMNS, f"{self.name} has too many columns to be read on a phone"
        columns, rows = self.columns, self.rows
        known = [n for n in range(len(columns)) if not rows or any(row[n].plain not in NOTHING for row in rows)]
        object.__setattr__(self, "columns", [columns[n] for n in known])
        object.__setattr__(self, "rows", [[row[n] for n in known] for row in rows])


def said(value: str) -> Cell:
    """Plain text."""
    return Cell(myst.text(value), value)


def link(shown: str, address: str | None) -> Cell:
    """Text that leads to `address`, where there is one."""
    return Cell(myst.link(shown, address), shown) if address else said(shown)


def remark(cell: Cell, *remarks: Cell) -> Cell:
    """`cell` with remarks in parentheses; by their class, the choices and the order of a table pass over them."""
    inside = joined(remarks, "; ")
    if not inside.plain:
        return cell
    return Cell(f"{cell.markup} {myst.span(f'({inside.markup})', 'remark')}", f"{cell.plain} ({inside.plain})")


def joined(cells: Iterable[Cell], between: str = ", ", nothing: str = "") -> Cell:
    """Several cells as one; `nothing` where there is none."""
    cells = list(cells)
    if not cells:
        return said(nothing)
    return Cell(between.join(cell.markup for cell in cells), between.join(cell.plain for cell in cells))


def below(cell: Cell, other: Cell) -> Cell:
    """`cell`, and in a paragraph below it, in small letters, where it comes from."""
    return Cell(f"{cell.markup}\n\n{{.source}}\n{other.markup}", f"{cell.plain} [{other.plain}]")


def chapters(catalog: Catalog, topics: Iterable[str]) -> Cell:
    """The chapters of `topics`, linked."""
    known = catalog.topics
    return joined(chapter(known[topic], known[topic].title) for topic in topics if topic in known)


def chapter(topic: Topic, shown: str) -> Cell:
    """A link to the chapter of `topic`."""
    return link(shown, f"/{topic.part}/{topic.id}.md")


def record(catalog: Catalog, key: str) -> Cell:
    """A paper by its authors and year as the text cites it, linked to its record in the catalogue."""
    paper = catalog.papers[key]
    return link(f"{paper.by} {paper.year}", f"#paper-{key}")


def to_myst(table: Table) -> str:
    """The table as a fragment that chapters include."""
    return myst.HEADER + "\n" + bare(table)


def bare(table: Table) -> str:
    """The table without the header of a generated file."""
    if not table.rows:
        return EMPTY
    chosen = "".join(f" choose-{n}" for n, column in enumerate(table.columns, 1) if column.choose)
    options = [
        ("name", f"tbl-{table.name}"),
        ("class", f"data-table longtable{chosen}"),
        ("header-rows", "1"),
        ("stub-columns", "1"),
        ("widths", " ".join(str(column.width) for column in table.columns)),
    ]
    header = [myst.text(column.title) for column in table.columns]
    rows = ([cell.markup for cell in row] for row in table.rows)
    return myst.list_table(table.caption, options, [header, *rows]) + (f"\n{table.note}\n" if table.note else "")


def to_csv(table: Table) -> str:
    """The table as CSV."""
    return csv.rows([column.title for column in table.columns], ([cell.plain for cell in row] for row in table.rows))


def comparison(catalog: Catalog, data: Comparison) -> str:
    """A comparison table of docs/data/tables; where it has more columns than a page, in parts."""
    count = -(-len(data.columns) // (MAX_COLUMNS - 1))
    size = -(-len(data.columns) // count)
    parts = [data.columns[n : n + size] for n in range(0, len(data.columns), size)]
    made = []
    for number, columns in enumerate(parts, 1):
        made.append(
            Table(
                data.id if number == 1 else f"{data.id}-{number}",
                data.title if count == 1 else f"{data.title} ({number} of {count})",
                [Column("Name", 14), *(Column(column.title, 14) for column in columns)],
                [[_row_head(catalog, row), *(_fact(catalog, row.cells[column.id]) for column in columns)] for row in data.rows],
            )
        )
    note = f"{myst.text(data.note)} " if data.note else ""
    return "\n".join((myst.HEADER, *map(bare, made), f"{note}Checked {data.checked}.\n"))


def comparison_csv(catalog: Catalog, data: Comparison) -> str:
    """A comparison table, one fact a row: with so many columns, a source beside each value would be lost."""
    body = (
        (row.title, column.title, cell.value, cell.cite, catalog.papers[cell.cite].link, cell.locator)
        for row in data.rows
        for column in data.columns
        for cell in [row.cells[column.id]]
    )
    return csv.rows(("name", "column", "value", "cite", "link", "locator"), body)


def _row_head(catalog: Catalog, row: Row) -> Cell:
    return link(row.title, f"#paper-{row.paper}") if row.paper else said(row.title)


def _fact(catalog: Catalog, fact: Fact) -> Cell:
    source = Cell(f"{myst.cite([fact.cite])}, {myst.text(fact.locator)}", f"{catalog.papers[fact.cite].by}, {fact.locator}")
    return below(said(fact.value), source)

"""Tables that every reader can use.

In HTML each header cell says whether it heads a column or a row, and each table stands in a region that the keyboard can
scroll and that is named by its caption; a table of class `data-table` is followed by a link to its CSV file. On paper
such a table stands in small letters, ragged right, its columns in the widths that its source gives.
"""

from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

FOLDERS = ("_generated/tables", "_generated/downloads")  # where NAME.csv of the table `tbl-NAME` is looked for
DATA = "data-table"


class region(nodes.General, nodes.Element):  # lower case, as docutils names its nodes
    """What a wide table scrolls in; `label` is the id of its caption, if it has one."""


def csv_file(root: Path, table: nodes.table) -> str | None:
    """Name of the CSV file of a table, seen from the source folder."""
    for name in (one.removeprefix("tbl-") for one in (*table["names"], *table["ids"])):
        for folder in FOLDERS:
            if (root / folder / f"{name}.csv").is_file():
                return f"/{folder}/{name}.csv"
    return None


class CsvLinks(SphinxTransform):
    """Behind each data table, in HTML, a link to its CSV file."""

    default_priority = 500

    def apply(self, **options: object) -> None:
        """Add the links before Sphinx collects the files to download."""
        for table in list(self.document.findall(nodes.table)):
            name = csv_file(Path(self.env.srcdir), table) if DATA in table["classes"] else None
            if not name:
                continue
            title = next(iter(table.findall(nodes.title)), nodes.title("", "Table"))
            shown = nodes.inline("", f"Download as CSV: {title.astext()}")
            link = addnodes.download_reference("", "", shown, reftarget=name, refdoc=self.env.docname)
            only = addnodes.only("", nodes.paragraph("", "", link, classes=["table-download"]), expr="html and not epub")
            table.parent.insert(table.parent.index(table) + 1, only)


class Regions(SphinxPostTransform):
    """Each table into its region; the box that the theme put around it, and its second set of ids, go."""

    default_priority = 510  # behind the theme
    formats = ("html",)

    def run(self, **options: object) -> None:
        """Wrap the tables."""
        for number, table in enumerate(list(self.document.findall(nodes.table)), 1):
            box = table.parent
            outer = box if isinstance(box, nodes.container) and "table-wrapper" in box["classes"] else table
            assert outer.parent is not None
            around = region("", label=_name_caption(table, number), data=DATA in table["classes"])
            outer.parent.replace(outer, around)
            around.append(table)


def _name_caption(table: nodes.table, number: int) -> str:
    """The id of the caption's text, which it gets here; empty for a table without caption."""
    title = table.children[0] if table.children else None
    if not isinstance(title, nodes.title):
        return ""
    name = f"{table['ids'][0] if table['ids'] else f'table-{number}'}-caption"
    title.children = [nodes.inline("", "", *title.children, ids=[name])]
    return name


class PaperWidths(SphinxPostTransform):
    """On paper: columns of data tables in the widths given, small and ragged right."""

    default_priority = 510
    formats = ("latex",)

    def run(self, **options: object) -> None:
        """Put the column specification before each table, and a group around it."""
        for table in list(self.document.findall(nodes.table)):
            if DATA not in table["classes"]:
                continue
            widths = [column["colwidth"] for column in table.findall(nodes.colspec)]
            cell = r">{\raggedright\arraybackslash}"
            spec = "".join(rf"{cell}\X{{{width}}}{{{sum(widths)}}}" for width in widths)
            parent, at = table.parent, table.parent.index(table)
            parent.insert(at + 1, nodes.raw("", "\n\\endgroup\n", format="latex"))
            parent.insert(at, addnodes.tabular_col_spec(spec=spec))
            parent.insert(at, nodes.raw("", "\n\\begingroup\\bookdatatable\n", format="latex"))


def visit_region(self: HTML5Translator, node: region) -> None:
    """Open the region."""
    kind = "table-wrapper table-region" + (" data-table-region" if node["data"] else "")
    named = {"role": "region", "aria-labelledby": node["label"]} if node["label"] else {"role": "group", "aria-label": "Table"}
    self.body.append(self.starttag(node, "div", CLASS=kind, tabindex="0", **named))


def depart_region(self: HTML5Translator, node: region) -> None:
    """Close the region."""
    self.body.append("</div>\n")


def visit_entry(self: HTML5Translator, node: nodes.entry) -> None:
    """A cell; a header cell says what it heads."""
    type(self).visit_entry(self, node)
    if self.body[-1].startswith("<th"):
        scope = "col" if isinstance(node.parent.parent, nodes.thead) else "row"
        self.body[-1] = self.body[-1].replace("<th", f'<th scope="{scope}"', 1)


def depart_entry(self: HTML5Translator, node: nodes.entry) -> None:
    """End of the cell."""
    type(self).depart_entry(self, node)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the transforms and the visitors."""
    app.add_node(region, html=(visit_region, depart_region))
    app.add_node(nodes.entry, override=True, html=(visit_entry, depart_entry))
    app.add_transform(CsvLinks)
    app.add_post_transform(Regions)
    app.add_post_transform(PaperWidths)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""What the book has on paper only: parts, title page and colophon, the list of labs, entries of the index.

`index.md` names the parts as captions of its tables of contents; here each becomes a part, and the text before them stays in
front of the first one. The index lists the terms of the glossary (Sphinx does that), the labs, and the algorithms of
`docs/data/vocabulary.yaml` at the equations that they name.
"""

import re
import subprocess
import time
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.texescape import escape

from tools.source import read

ENGINE = "lualatex"
LONG = re.compile(r"\S{12}")  # a word that may not fit into its column
# behind a mark, inside CamelCase, in a long number
BREAK = re.compile(r"(?<=[/:._-])(?=\S)|(?<=[a-z])(?=[A-Z]{1,2}[a-z])|(?<=[0-9A-Z]{8})(?=[0-9A-Z]{3})")


def tex(text: str) -> nodes.raw:
    """LaTeX that no other format sees."""
    return nodes.raw("", text, format="latex")


class Parts(SphinxTransform):
    """On the first page: the tables of contents go behind its sections, each as a part."""

    default_priority = 215

    def apply(self, **kwargs: object) -> None:
        if self.env.docname != self.config.root_doc:
            return
        section = next(self.document.findall(nodes.section))
        contents = [node.parent for node in self.document.findall(addnodes.toctree)]
        for wrapper in contents:
            wrapper.parent.remove(wrapper)
        title = section.index(next(section.findall(nodes.title))) + 1
        section.insert(title, tex("\\setcounter{secnumdepth}{-2}\n\\chapter{About this book}\n"))
        for number, wrapper in enumerate(contents):
            section += tex(self.opening(wrapper.children[0], first=number == 0))
            section += wrapper

    def opening(self, toctree: addnodes.toctree, first: bool) -> str:
        """The head of a part; the labs have a list of their own there, the appendices have letters."""
        caption = toctree.get("caption") or ""
        lines = ["\\clearpage", "\\setcounter{secnumdepth}{1}"] if first else ["\\clearpage"]
        if caption == "Appendices":
            lines.append("\\appendix")
        lines.append(rf"\part{{{escape(caption, ENGINE)}}}")
        if caption == "Labs":
            lines.append("\\section*{List of labs}\n\\begin{itemize}")
            for docname in toctree["includefiles"]:
                place = rf"\detokenize{{{docname}::doc}}"
                lines.append(rf"\item \nameref{{{place}}}, page~\pageref{{{place}}}")
            lines.append("\\end{itemize}\n\\clearpage")
        return "\n".join(lines) + "\n"


class IndexEntries(SphinxTransform):
    """Labs at the head of their pages, algorithms at their equations."""

    default_priority = 216

    def apply(self, **kwargs: object) -> None:
        docname = self.env.docname
        title = next(self.document.findall(nodes.title), None)
        if docname.startswith("labs/") and title is not None:
            entries = (f"lab; {title.astext()}", title.astext())
            section = title.parent
            found = [("single", one, section["ids"][0], "", None) for one in entries]
            section.insert(section.index(title) + 1, addnodes.index(entries=found))
        names: dict[str, list[str]] = {}
        for algorithm in vocabulary(Path(self.env.srcdir)):
            if "equation" in algorithm:
                names.setdefault(str(algorithm["equation"]), []).append(str(algorithm.get("title", algorithm["id"])))
        for formula in list(self.document.findall(nodes.math_block)):
            if entries := names.get(str(formula.get("label"))):
                self.enter(formula.parent, formula.parent.index(formula), entries)

    def enter(self, parent: nodes.Element, place: int, entries: list[str]) -> None:
        """An entry for each of `entries` before a node."""
        mark = f"index-{self.env.new_serialno('index')}"
        target = nodes.target("", "", ids=[mark])
        self.document.note_explicit_target(target)
        parent.insert(place, [addnodes.index(entries=[("single", one, mark, "", None) for one in entries]), target])


class Breaks(SphinxPostTransform):
    """In the narrow columns of data tables, addresses and names of repositories may break behind their marks."""

    default_priority = 500
    formats = ("latex",)

    def run(self, **kwargs: object) -> None:
        for table in self.document.findall(nodes.table):
            if "data-table" in table["classes"]:
                words = [one for one in table.findall(nodes.Text) if not isinstance(one.parent, (nodes.math, nodes.raw))]
                for text in filter(LONG.search, words):
                    text.parent.replace(text, nodes.Text(BREAK.sub("\u200b", text)))


class Targets(SphinxPostTransform):
    """LaTeX labels no words: a target before each that has an id."""

    default_priority = 500
    formats = ("latex",)

    def run(self, **kwargs: object) -> None:
        for words in list(self.document.findall(nodes.inline)):
            if words["ids"]:
                words.parent.insert(words.parent.index(words), nodes.target("", "", ids=words["ids"]))
                words["ids"] = []


def vocabulary(source: Path) -> list[dict]:
    """The algorithms of the vocabulary."""
    document, _ = read(source / "data" / "vocabulary.yaml", "docs/data/vocabulary.yaml")
    return document.value.get("algorithms", []) if document else []


def commit(root: Path) -> str:
    """The commit that is built; nothing where there is no history."""
    if not (root / ".git").exists():
        return ""
    done = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def colophon(book: dict[str, str], edition: str, built: str) -> str:
    """What stands behind the title page."""
    address = book.get("base-url") or book.get("repository-url") or ""
    where = rf"\par\medskip Read it, with its labs and data, at \url{{{address}}}." if address else ""
    return (
        rf"This is edition {edition}{built}. \par\medskip "
        rf"Text and figures may be used under the licence {book['license']}, code under the licence {book['code-license']}. "
        r"\par\medskip Numbers in the text, figures and worked examples are computed by the code of the book when it is built; "
        r"the equations marked in the list of equations are held by tests. "
        r"Errors found after this edition are listed in the errata." + where
    )


def _elements(app: Sphinx, config: Config) -> None:
    """Titles, date and commit for the title page, from docs/data/book.yaml."""
    if config.latex_elements.get("papersize") is None:
        config.latex_elements["papersize"] = "a4paper"
    document, _ = read(Path(app.srcdir) / "data" / "book.yaml", "docs/data/book.yaml")
    book = {key: value for key, value in document.value.items() if isinstance(value, str)}
    made = commit(Path(app.srcdir).parent)
    day = time.strptime(book["issued"], "%Y-%m-%d")
    values = {
        "booktitle": escape(book["title"], ENGINE),
        "booksubtitle": escape(book.get("subtitle", ""), ENGINE),
        "bookauthor": escape(document.value["author"][0]["literal"], ENGINE),
        "bookedition": escape(book["edition"], ENGINE),
        "bookdate": f"{day.tm_mday} {time.strftime('%B %Y', day)}",
        "bookcolophon": colophon(book, book["edition"], f", built from commit \\texttt{{{made}}}" if made else ""),
    }
    lines = [rf"\newcommand{{\{name}}}{{{value}}}" for name, value in values.items()]
    about = "pdftitle={\\booktitle},pdfauthor={\\bookauthor},pdfsubject={\\booksubtitle},pdflang={en}"
    lines.append(rf"\hypersetup{{{about}}}")
    config.latex_elements["preamble"] = "\n".join([config.latex_elements.get("preamble", ""), *lines, r"\usepackage{book}"])


def setup(app: Sphinx) -> dict[str, object]:
    app.add_transform(Parts)
    app.add_transform(IndexEntries)
    app.add_post_transform(Breaks)
    app.add_post_transform(Targets)
    app.connect("config-inited", _elements, priority=900)  # behind the macros of the formulas
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

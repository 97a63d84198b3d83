"""A lab page as a notebook that needs nothing of the book: roles and directives become text, macros plain TeX."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from docutils import nodes
from mathml import expand
from myst_nb.core.read import read_myst_markdown_notebook
from nbformat import NotebookNode, v4
from texmath import TexError

from tools.source import read_text

FENCE = re.compile(r"^(?P<fence>`{3,}|:{3,})\{(?P<name>[\w:-]+)\}(?P<title>[^\n]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.S | re.M)
OPTIONS = re.compile(r"\A(?:[ \t]*:[\w-]+:[^\n]*\n)+")
INLINE = re.compile(  # read from left to right: code blocks, roles, code, formulas, links within the book
    r"^(?P<code>`{3,})(?!\{).*?^(?P=code)[ \t]*$"
    r"|\{(?P<role>[\w:-]+)\}(?P<ticks>`+)(?P<text>.+?)(?P=ticks)"
    r"|(?P<tick>`+)(?!`)[^\n]+?(?<!`)(?P=tick)(?!`)"
    r"|\$\$(?P<block>.+?)\$\$(?:[ \t]*\((?P<label>[\w:-]+)\))?|(?<![\\$])\$(?P<inline>[^$]+?)\$(?!\d)"
    r"|\[(?P<words>[^\]]*)\]\((?!https?:)(?P<link>[^)\s]*)\)",
    re.S | re.M,
)
Worked = Callable[[str], str]


class Writer:
    """Turns the Markdown of a page into that of a notebook. `cite` gives (author, year) of a key, `worked` a number."""

    def __init__(self, folder: Path, macros: dict[str, tuple[str, int]], cite: Callable, worked: Worked) -> None:
        self.folder, self.macros, self.cite, self.worked = folder, macros, cite, worked

    def text(self, text: str) -> str:
        """Markdown without anything that only the book knows."""
        text = re.sub(r"^\([\w:.-]+\)=[ \t]*\n", "", text, flags=re.M)
        while (after := FENCE.sub(self.directive, text)) != text:
            text = after
        return INLINE.sub(self.inline, text)

    def inline(self, found: re.Match[str]) -> str:
        """A role, formula or link as text; code as it is."""
        if found["role"]:
            return self.role(found["role"], found["text"])
        if found["block"] or found["inline"]:
            return self.math(found)
        if found["link"] is not None:
            return found["words"] or f"*{self.title(found['link'])}*"
        return found[0]

    def title(self, link: str) -> str:
        """The title of a page of the book."""
        text, _ = read_text(self.folder / link.partition("#")[0], link)
        front = re.match(r"---\n(?:.*\n)*?title: *(.+)\n", text or "")
        return front[1].strip("'\"") if front else Path(link).stem

    def directive(self, found: re.Match[str]) -> str:
        """A directive as Markdown; what shows a picture or a list of the book is left out."""
        name, title, body = found["name"], found["title"].strip(), found["body"]
        options = OPTIONS.match(body)
        content = body[options.end() :] if options else body
        if name == "math":
            return f"$$\n{content.strip()}\n$$"
        if name == "literalinclude":
            source, _ = read_text(self.folder / title, title)
            wanted = re.search(r":pyobject: *(\S+)", body)
            what = f", `{wanted[1]}`" if wanted else ""
            return f"See `{Path(title).name}`{what}, which came with this notebook." if source is not None else ""
        if name in ("lab-figure", "figure", "image", "include", "toctree", "raw"):
            return ""
        return "\n".join([f"**{title or name.capitalize()}**", "", content]) if title or name != "div" else content

    def role(self, name: str, text: str) -> str:
        """A role as text."""
        if name.startswith("cite"):
            return self.citation(name, text)
        if name == "worked":
            return self.worked(text)
        if name == "math":
            return f"${text}$"
        if name == "eq":
            return f"({text})"
        shown = re.match(r"(.*?)\s*<[^>]*>$", text, re.S)
        return shown[1] if shown else text

    def citation(self, name: str, text: str) -> str:
        """Author and year, as the book shows them."""
        made = []
        for one in re.split(r",(?![^{]*\})", text):
            found = re.match(r"(?:\{(?P<pre>[^}]*)\})?(?P<key>[^{]+)(?:\{(?P<post>[^}]*)\})?", one.strip())
            who, year = self.cite(found["key"].strip()) if found else (one, "")
            pre, post = (
                (f"{found['pre']} " if found and found["pre"] else ""),
                (f", {found['post']}" if found and found["post"] else ""),
            )
            made.append(f"{who} ({pre}{year}{post})" if name.startswith("cite:t") else f"{pre}{who} {year}{post}")
        return ", ".join(made) if name.startswith("cite:t") else f"({'; '.join(made)})"

    def math(self, found: re.Match[str]) -> str:
        """A formula with the book's macros written out."""
        tex = found["block"] or found["inline"]
        with suppress(TexError):  # the page says so
            tex = expand(tex, self.macros)
        label = rf" \tag{{{found['label']}}}" if found["label"] else ""
        return f"$${tex.rstrip()}{label}\n$$" if found["block"] else f"${tex}$"

    def notebook(self, page: str, title: str) -> NotebookNode:
        """The page as a notebook; the same bytes for the same page."""
        made = read_myst_markdown_notebook(page)
        cells = [v4.new_markdown_cell(f"# {title}")]
        for cell in made.cells:
            cells.append(
                v4.new_code_cell(cell.source) if cell.cell_type == "code" else v4.new_markdown_cell(self.text(cell.source))
            )
        cells = [cell for cell in cells if cell.source.strip()]
        for number, cell in enumerate(cells):
            cell["id"] = f"cell-{number}"
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def modules(notebook: NotebookNode) -> str:
    """All code of a notebook in one text."""
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def meta_line(*parts: nodes.Node) -> nodes.paragraph:
    """The line under a lab's title."""
    line = nodes.paragraph(classes=["chapter-meta"])
    for number, part in enumerate(parts):
        line += [nodes.Text(" · ")] * bool(number)
        line += part
    return line

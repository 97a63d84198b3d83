"""The head of a chapter, from its front matter and its own text: meta line (it says what is an outline) and objectives, folded.

Front matter: title, status (outline), topics, objectives, prerequisites (part/slug), level, lab. Minutes are computed:
words of running text at 200 a minute, rounded up, tables and reference lists left out.
"""

import json
import math
from pathlib import Path

from docutils import nodes
from folded import fold
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from tools.source import read

WORDS_A_MINUTE = 200
NOT_TEXT = (nodes.table, nodes.literal_block, nodes.math_block, nodes.comment, nodes.footnote, addnodes.toctree)


def minutes(document: nodes.document) -> int:
    """Minutes to read the running text of `document`."""
    return math.ceil(words(document) / WORDS_A_MINUTE)


def words(node: nodes.Node) -> int:
    """Words of running text under `node`; lists that are data (class `catalogue`, `references`) do not count."""
    if isinstance(node, NOT_TEXT) or {"catalogue", "references"} & set(getattr(node, "attributes", {}).get("classes", ())):
        return 0
    if isinstance(node, nodes.Text):
        return len(node.split())
    return sum(words(child) for child in node.children)


def page_link(docname: str) -> addnodes.pending_xref:
    """A link to a page, named by its title."""
    inner = nodes.inline("", "", classes=["xref", "std", "std-doc"])
    options = {"reftype": "doc", "refdomain": "std", "refexplicit": False, "reftarget": f"/{docname}", "refwarn": True}
    return addnodes.pending_xref("", inner, refdoc="", **options)


def as_list(value: object) -> list[str]:
    """Front matter comes as strings; lists as JSON."""
    made = json.loads(value) if isinstance(value, str) and value.startswith("[") else value
    return [str(item) for item in made] if isinstance(made, list) else []


def is_chapter(meta: dict[str, str]) -> bool:
    """Whether front matter is that of a chapter (it has a level) or of a guide page (it has a kind)."""
    return "level" in meta or "kind" in meta


class ChapterHead(SphinxTransform):
    """Puts the head after the title of every chapter and guide page."""

    default_priority = 210  # after substitutions, before references are resolved

    def apply(self, **kwargs: object) -> None:
        meta = self.env.metadata[self.env.docname]
        title = next(self.document.findall(nodes.title), None)
        if title is None or not is_chapter(meta):
            return
        section = title.parent
        head: list[nodes.Node] = [self.line(meta)]
        if objectives := as_list(meta.get("objectives")):
            items = (nodes.list_item("", nodes.paragraph(text, text)) for text in objectives)
            head.append(fold("What you will be able to do", nodes.bullet_list("", *items), kind="objectives"))
        section[section.index(title) + 1 : section.index(title) + 1] = head

    def line(self, meta: dict[str, str]) -> nodes.paragraph:
        """Minutes (of a finished page), level, what to read before."""
        line = nodes.paragraph(classes=["chapter-meta"])
        if meta.get("status") == "outline":
            line += nodes.strong("", "Outline: not written yet")
        else:
            line += nodes.Text(f"{minutes(self.document)} minutes")
        if "level" in meta:
            line += nodes.Text(f" · {meta['level']}")
        for n, name in enumerate(as_list(meta.get("prerequisites"))):
            line += nodes.Text(", " if n else " · needs ")
            link = page_link(name)
            link["refdoc"] = self.env.docname
            line += link
        return line


class NextOnYourPath(SphinxTransform):
    """At the end of a written chapter, where each reading path of docs/data/paths.yaml goes on."""

    default_priority = 720  # after the section of references is added (700)

    def apply(self, **kwargs: object) -> None:
        meta, here = self.env.metadata[self.env.docname], self.env.docname
        title = next(self.document.findall(nodes.title), None)
        if title is None or "level" not in meta or meta.get("status") == "outline":
            return
        path = Path(self.env.srcdir) / "data" / "paths.yaml"
        self.env.note_dependency(str(path))
        document, _ = read(path, "docs/data/paths.yaml")
        items = nodes.bullet_list(classes=["catalogue"])
        for one in document.value if document else ():
            chapters = as_list(one["chapters"])
            if here in chapters[:-1]:
                link = page_link(chapters[chapters.index(here) + 1])
                link["refdoc"] = here
                items += nodes.list_item("", nodes.paragraph("", f"{one['title']}: ", link))
        if len(items):
            section = nodes.section("", nodes.title("", "Next on your path"), items, names=["next on your path"])
            title.parent.append(section)
            self.document.note_implicit_target(section, section)


def setup(app: Sphinx) -> dict[str, object]:
    app.setup_extension("folded")
    app.add_transform(ChapterHead)
    app.add_transform(NextOnYourPath)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

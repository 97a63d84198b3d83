"""What the welcome page counts: `{count}` (a number from the data or from the build) and `{paths}` (reading paths).

Both depend on other pages, so they are filled in when a page is written, and the pages that hold them are written anew
whenever any page changed.
"""

import json
import math
from pathlib import Path

from chapter import WORDS_A_MINUTE, as_list, is_chapter, page_link, words
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective, SphinxRole

from tools.source import read


class count(nodes.Inline, nodes.TextElement):  # docutils names nodes in lower case
    """A number to be filled in; `what` names it."""


class hours(nodes.Inline, nodes.TextElement):
    """The hours of a path to be filled in; `chapters` are its pages."""


class Count(SphinxRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        self.env.welcome_pages.add(self.env.docname)
        node = count(what=self.text)
        self.set_source_info(node)
        return [node], []


class Paths(SphinxDirective):
    """The reading paths of docs/data/paths.yaml as a definition list."""

    def run(self) -> list[nodes.Node]:
        self.env.welcome_pages.add(self.env.docname)
        path = Path(self.env.srcdir) / "data" / "paths.yaml"
        self.env.note_dependency(str(path))
        document, problems = read(path, "docs/data/paths.yaml")
        if document is None:
            raise self.error("; ".join(map(str, problems)))
        return [nodes.definition_list("", *(self.path(one) for one in document.value))]

    def path(self, one: dict[str, object]) -> nodes.definition_list_item:
        chapters = as_list(one["chapters"])
        term = nodes.term("", str(one["title"]))
        steps = nodes.paragraph()
        for n, name in enumerate(chapters):
            link = page_link(name)
            link["refdoc"] = self.env.docname
            steps += [nodes.Text(" → ")] * bool(n) + [link]
        first = nodes.paragraph("", f"{one['note']} ", hours(chapters=chapters))
        return nodes.definition_list_item("", term, nodes.definition("", first, steps))


def is_outline(env: BuildEnvironment, docname: str) -> bool:
    return env.metadata.get(docname, {}).get("status") == "outline"


def _measure(app: Sphinx, doctree: nodes.document) -> None:
    app.env.page_words[app.env.docname] = words(doctree)


def _counts(env: BuildEnvironment) -> dict[str, object]:
    path = Path(env.srcdir) / "_generated" / "counts.json"
    known: dict[str, object] = json.loads(path.read_text("utf-8"))
    chapters = [name for name in env.found_docs if is_chapter(env.metadata.get(name, {}))]
    known["chapters"] = len(chapters)
    for file in sorted((Path(env.srcdir) / "_generated" / "downloads").iterdir()):
        known[f"size of {file.name}"] = f"{file.stat().st_size / 1000:,.0f} kB"
    known["outlines"] = sum(is_outline(env, name) for name in chapters)
    return known


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for node in list(doctree.findall(count)):
        known = _counts(app.env)
        if node["what"] not in known:
            raise node_error(node, sorted(known))
        node.replace_self(nodes.Text(str(known[node["what"]])))
    for node in list(doctree.findall(hours)):
        node.replace_self(nodes.Text(_hours(app.env, node["chapters"])))


def node_error(node: count, known: list[str]) -> ValueError:
    return ValueError(f"{node.source}:{node.line}: nothing counted is called {node['what']!r}; there are {', '.join(known)}")


def _hours(env: BuildEnvironment, chapters: list[str]) -> str:
    """Reading time of the chapters that are written, to the next half hour, and how many are not."""
    outlines = sum(is_outline(env, name) for name in chapters)
    total = sum(env.page_words.get(name, 0) for name in chapters if not is_outline(env, name))
    half_hours = math.ceil(total / WORDS_A_MINUTE / 30)
    if outlines == len(chapters):
        return f"{len(chapters)} chapters, all still outlines."
    rest = f"; {outlines} of {len(chapters)} chapters are still outlines." if outlines else "."
    return f"{half_hours / 2:g} hours of reading{rest}"


def _start(app: Sphinx) -> None:
    for name, empty in (("welcome_pages", set()), ("page_words", {}), ("welcome_counted", None)):
        if not hasattr(app.env, name):
            setattr(app.env, name, empty)


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    env.welcome_pages.discard(docname)
    env.page_words.pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    env.welcome_pages |= other.welcome_pages & set(docnames)
    env.page_words |= {name: n for name, n in other.page_words.items() if name in docnames}


def _again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages to write anew: those with counts, when what is counted changed."""
    now = (_counts(env), sorted(env.page_words.items()))
    if now == env.welcome_counted:
        return []
    env.welcome_counted = now
    return sorted(env.welcome_pages)


def _unresolved(self, node: nodes.Element) -> None:
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, object]:
    skip = (_unresolved, None)
    for kind in (count, hours):
        app.add_node(kind, html=skip, latex=skip, text=skip)
    app.add_role("count", Count())
    app.add_directive("paths", Paths)
    app.connect("builder-inited", _start)
    app.connect("doctree-read", _measure)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("env-updated", _again)
    app.connect("doctree-resolved", _fill)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}

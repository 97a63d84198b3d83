"""What `reading.js` shows of places on other pages: the meaning of a term, an equation.

Citations and equations of the same page are copied from the page by the script. What stands elsewhere comes along in a
`template` element: definitions of the glossary's terms that the page links to, and equations of other chapters. Without
JavaScript nothing of it is seen and every link is a plain link.
"""

import re
from functools import lru_cache

import mathml
from docutils import nodes
from sphinx.application import Sphinx
from texmath import TexError

GLOSSARY = "appendix/glossary"
ID = re.compile(r' id="[^"]*"')


def links(doctree: nodes.document) -> list[str]:
    """Targets on other pages, each once, in order."""
    found = (
        node["refuri"] for node in doctree.findall(nodes.reference) if node.get("internal") and "#" in node.get("refuri", "")
    )
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1)
def definitions(app: Sphinx) -> dict[str, str]:
    """HTML of each term's meaning, by the id of the term; links in it become plain words."""
    if GLOSSARY not in app.env.found_docs:
        return {}
    page, found = app.env.get_and_resolve_doctree(GLOSSARY, app.builder, tags=app.tags), {}
    for item in page.findall(nodes.definition_list_item):
        meaning = next(item.findall(nodes.definition))
        for link in list(meaning.findall(nodes.reference)):
            link.replace_self(list(link.children))
        holder = nodes.container("", *meaning.children)
        html = app.builder.render_partial(holder)["fragment"]
        for term in item.findall(nodes.term):
            found |= {name: f"<p><strong>{term.astext()}</strong></p>{ID.sub('', html)}" for name in term["ids"]}
    return found


@lru_cache(maxsize=64)
def equations(app: Sphinx, docname: str) -> dict[str, str]:
    """MathML of each labelled equation of a page, by its id."""
    found = {}
    for node in app.env.get_doctree(docname).findall(nodes.math_block):
        try:
            made = mathml.mathml(node.astext(), True, app.mathml_macros, app.mathml_known)
        except TexError:
            continue  # said where it stands
        found |= dict.fromkeys((*node["ids"], f"equation-{node.get('label')}"), f'<div class="math">{made}</div>')
    return found


def _previews(app: Sphinx, pagename: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    if doctree is None or app.builder.format != "html" or app.builder.name == "epub" or pagename == GLOSSARY:
        return
    parts = []
    places = {app.builder.get_relative_uri(pagename, name): name for name in app.env.found_docs if name != pagename}
    for target in links(doctree):
        uri, _, fragment = target.partition("#")
        docname = places.get(uri)
        if docname == GLOSSARY:
            shown = definitions(app).get(fragment)
        else:
            shown = equations(app, docname).get(fragment) if docname and fragment.startswith("equation-") else None
        if shown:
            parts.append(f'<div data-for="{target}">{shown}</div>')
    context["previews"] = f'<template id="previews">{"".join(parts)}</template>' if parts else ""


def setup(app: Sphinx) -> dict[str, object]:
    app.connect("html-page-context", _previews)
    app.add_js_file("reading.js", defer="defer")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

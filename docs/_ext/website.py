"""What the site has beside its pages: where to report an error, the feed of editions and errata, stubs of moved pages,
llms.txt; and what a page need not load.

Feed and absolute addresses need `base-url` in docs/data/book.yaml (Read the Docs gives its own), links to report an error need
`repository-url`; what lacks its address is left out. `docs/data/moved.yaml` maps the old place of a page to the new one.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from equations import report, repository
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from tools.source import read

FEED = "feed.xml"
EDITION = re.compile(r"^## (\S+) \((\d{4}-\d{2}-\d{2})\)\n(.*?)(?=^## |\Z)", re.M | re.S)


def moved(app: Sphinx) -> dict[str, str]:
    """Old docname -> new docname."""
    path = Path(app.srcdir) / "data" / "moved.yaml"
    document, problems = read(path, "docs/data/moved.yaml") if path.is_file() else (None, [])
    if problems:
        raise ExtensionError("; ".join(map(str, problems)))
    return dict(document.value) if document and document.value else {}


def _stubs(app: Sphinx):
    """A page at each old place that leads to the new one, without script."""
    if app.builder.format != "html" or app.builder.name == "epub":
        return
    for old, new in moved(app).items():
        if new not in app.env.found_docs or old in app.env.found_docs:
            raise ExtensionError(f"docs/data/moved.yaml: {old}: {new} must be a page, and {old} must be none")
        title = app.env.titles[new].astext()
        link = app.builder.get_relative_uri(old, new)
        body = f'<h1>This page has moved</h1><p>It is now <a href="{link}">{escape(title)}</a>.</p>'
        yield old, {"title": title, "body": body, "metatags": f'<meta http-equiv="refresh" content="0; url={link}">'}, "page.html"


# What is loaded only where a page has use for it: part of a file's name -> what the page has then
NEEDED = {
    "mystnb": 'class="cell',
    "sphinx-design": 'class="sd-',
    "design-tabs": 'class="sd-tab',
    "furo-extensions": 'class="sd-',
    "tables.js": "data-table",
    "doctools": "search-results",
    "documentation_options": "search-results",
    "sphinx_highlight": "search-results",
}


def _lighten(app: Sphinx, pagename: str, template: str, context: dict, doctree: object) -> None:
    """Leave out the style sheets and scripts that a page has no use for: phones load each."""
    text = "search-results" if pagename == "search" else str(context.get("body", ""))
    for kind in ("css_files", "script_files"):
        files = [(one, str(getattr(one, "filename", one))) for one in context.get(kind, ())]
        context[kind] = [one for one, name in files if all(has in text for part, has in NEEDED.items() if part in name)]


def _links(app: Sphinx, pagename: str, template: str, context: dict, doctree: object) -> None:
    """For the template: where to report an error, the edition, the feed."""
    base = repository(app.env)
    source = pagename in app.env.found_docs
    context["report_error"] = report(base, pagename, str(context.get("title", pagename))) if base and source else ""
    for name in ("furo_navigation_tree", "toctree"):  # the theme's captions are headings without a level
        if isinstance(context.get(name), str):
            context[name] = context[name].replace('role="heading"', 'role="heading" aria-level="2"')
    context["edition"] = app.config.release
    context["feed"] = f"{app.config.html_baseurl.rstrip('/')}/{FEED}" if app.config.html_baseurl else ""


def entries(app: Sphinx) -> list[tuple[str, str, str, str]]:
    """(id, title, day, text), newest first: editions from CHANGELOG.md, errata from the data."""
    log = (Path(app.srcdir).parent / "CHANGELOG.md").read_text("utf-8")
    found = [(f"edition-{name}", f"Edition {name}", day, text.strip()) for name, day, text in EDITION.findall(log)]
    document, _ = read(Path(app.srcdir) / "data" / "errata.yaml", "docs/data/errata.yaml")
    for erratum in (document.value if document else None) or []:
        title = f"Erratum: {erratum.get('page', '')}"
        text = f"Was: {erratum['was']} Now: {erratum['now']}"
        found.append((f"erratum-{erratum['id']}", title, str(erratum["date"]), text))
    return sorted(found, key=lambda one: (one[2], one[0]), reverse=True)


def _feed(app: Sphinx, error: Exception | None) -> None:
    """Atom: RFC 4287."""
    if error or app.builder.format != "html" or app.builder.name == "epub" or not app.config.html_baseurl:
        return
    base = app.config.html_baseurl.rstrip("/")
    known = entries(app)
    newest = known[0][2] if known else datetime.now(UTC).date().isoformat()
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{escape(app.config.project)}: editions and errata</title>",
        f'<id>{escape(base)}/{FEED}</id><link rel="self" href="{escape(base)}/{FEED}"/><link href="{escape(base)}/"/>',
        f"<updated>{newest}T00:00:00Z</updated><author><name>{escape(app.config.author)}</name></author>",
    ]
    for name, title, day, text in known:
        lines.append(
            f"<entry><id>{escape(base)}/{FEED}#{escape(name)}</id><title>{escape(title)}</title><updated>{day}T00:00:00Z</updated>"
            f'<link href="{escape(base)}/appendix/{"errata" if name.startswith("erratum") else "changelog"}.html"/>'
            f"<content>{escape(text)}</content></entry>"
        )
    (Path(app.outdir) / FEED).write_text("\n".join([*lines, "</feed>", ""]), "utf-8")


def _llms(app: Sphinx, error: Exception | None) -> None:
    """llms.txt (llmstxt.org): the book's pages by part, for programs that read it for people."""
    if error or app.builder.format != "html" or app.builder.name == "epub":
        return
    base = f"{app.config.html_baseurl.rstrip('/')}/" if app.config.html_baseurl else ""
    lines = [f"# {app.config.project}", ""]
    for toctree in app.env.get_doctree(app.config.root_doc).findall(addnodes.toctree):
        lines += [f"## {toctree['caption']}", ""]
        for docname in toctree["includefiles"]:
            outline = " (outline)" if app.env.metadata[docname].get("status") == "outline" else ""
            lines.append(f"- [{app.env.titles[docname].astext()}]({base}{app.builder.get_target_uri(docname)}){outline}")
        lines.append("")
    (Path(app.outdir) / "llms.txt").write_text("\n".join(lines), "utf-8")


def setup(app: Sphinx) -> dict[str, object]:
    app.connect("html-collect-pages", _stubs)
    app.connect("html-page-context", _lighten, priority=950)
    app.connect("html-page-context", _links, priority=900)  # behind the theme
    app.connect("build-finished", _feed)
    app.connect("build-finished", _llms)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

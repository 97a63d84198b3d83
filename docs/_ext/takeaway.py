"""What a reader takes away: of each chapter its PDF, its labs and its works as BibTeX; of the book all formats that were made.

PDFs and the EPUB are linked where they stand in `build` when the pages are written (`make all` makes them first). Chapters have
a folded list below their head, the welcome page has ``{formats}``.
"""

import shutil
from pathlib import Path

from chapter import as_list, is_chapter
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective
from sphinxcontrib.bibtex.domain import BibtexDomain

from tools.source import read

WHOLE = {
    "pdf": "PDF, to print",
    "epub": "EPUB, for e-readers and phones",
    "html.zip": "HTML in a zip, for laptops without network",
}
NAME = "reasoning-llms-and-rl"


class takeaway(nodes.General, nodes.Element):  # docutils names nodes in lower case
    """The list of a chapter's files."""


class formats(nodes.General, nodes.Element):
    """The list of the book's files."""


class Formats(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        return [formats()]


class ChapterFiles(SphinxTransform):
    """Puts the list below the head of each written chapter."""

    default_priority = 211  # behind the head

    def apply(self, **kwargs: object) -> None:
        meta = self.env.metadata[self.env.docname]
        title = next(self.document.findall(nodes.title), None)
        if title is None or not is_chapter(meta) or meta.get("status") == "outline":
            return
        section = title.parent
        last = max(n for n, node in enumerate(section.children) if {"chapter-meta", "objectives"} & set(node.get("classes", ())))
        section.insert(last + 1, takeaway(labs=[name for name in as_list([meta.get("lab", "none")]) if name != "none"]))


def build(env: BuildEnvironment) -> Path:
    return Path(env.srcdir).parent / "build"


def book_files(env: BuildEnvironment) -> dict[str, Path]:
    """By ending, the whole book in the formats that are there."""
    places = {"pdf": f"pdf/{NAME}.pdf", "epub": f"epub/{NAME}.epub"}
    return {kind: build(env) / place for kind, place in places.items() if (build(env) / place).is_file()}


def chapter_pdf(env: BuildEnvironment, docname: str) -> Path:
    return build(env) / "pdf" / "chapters" / f"{docname.replace('/', '-')}.pdf"


def lab_zip(env: BuildEnvironment, name: str) -> Path:
    return build(env) / ".labs" / "notebooks" / f"{name}.zip"


def cited(env: BuildEnvironment, docname: str) -> list[str]:
    """Keys of the works that a page cites."""
    domain = env.get_domain("cite")
    assert isinstance(domain, BibtexDomain)
    return sorted({target.key for ref in domain.tables.refs_in.get(docname, ()) for target in ref.targets})


def size(path: Path) -> str:
    """As readers know sizes."""
    number = path.stat().st_size
    return f"{number / 1e6:.1f} MB" if number >= 1e6 else f"{number / 1e3:,.0f} kB"


def visit_takeaway(self, node: takeaway) -> None:
    """The folded list, in HTML."""
    if self.builder.name == "epub":
        raise nodes.SkipNode
    env, docname = self.builder.env, self.builder.current_docname
    root, slug, links = "../" * docname.count("/"), docname.replace("/", "-"), []
    if chapter_pdf(env, docname).is_file():
        pdf = chapter_pdf(env, docname)
        links.append((f"_downloads/pdf/{pdf.name}", f"This chapter as PDF ({size(pdf)})"))
    for name in node["labs"]:
        if lab_zip(env, name).is_file():
            links.append((f"_downloads/labs/{name}.zip", f"Its lab: notebook and modules ({size(lab_zip(env, name))})"))
    if keys := cited(env, docname):
        links.append((f"_downloads/bib/{slug}.bib", f"The {len(keys)} works that it cites, as BibTeX"))
    items = "".join(f'<li><p><a download href="{root}{href}">{self.encode(said)}</a></p></li>' for href, said in links)
    self.body.append(f'<details class="folded takeaway"><summary>Take this chapter away</summary><ul>{items}</ul></details>\n')
    raise nodes.SkipNode


def visit_formats(self, node: formats) -> None:
    """The book's formats with their sizes, in HTML."""
    found = book_files(self.builder.env) if self.builder.name != "epub" else {}
    book = read(Path(self.builder.env.srcdir) / "data" / "book.yaml", "docs/data/book.yaml")[0].value
    about = f"edition {book['edition']} of {book['issued']}"
    items = [
        f'<li><p><a href="_downloads/{path.name}">{self.encode(WHOLE[kind])}</a> ({size(path)}, {about})</p></li>'
        for kind, path in found.items()
    ]
    self.body.append(f"<ul>{''.join(items)}</ul>\n" if items else "<p><code>make all</code> makes PDF, EPUB and the zip.</p>\n")
    raise nodes.SkipNode


def _skip(self, node: nodes.Element) -> None:
    raise nodes.SkipNode


def _put_files(app: Sphinx, error: Exception | None) -> None:
    """Copy the files beside the pages; BibTeX entries are cut from the book's file, as they stand there."""
    if error or app.builder.format != "html" or app.builder.name == "epub":
        return
    env, target = app.env, Path(app.outdir) / "_downloads"
    for folder in ("pdf", "labs", "bib"):
        (target / folder).mkdir(parents=True, exist_ok=True)
    for path in book_files(env).values():
        shutil.copyfile(path, target / path.name)
    for docname in env.found_docs:
        if chapter_pdf(env, docname).is_file():
            shutil.copyfile(chapter_pdf(env, docname), target / "pdf" / chapter_pdf(env, docname).name)
        for name in as_list([env.metadata.get(docname, {}).get("lab", "none")]):
            if lab_zip(env, name).is_file():
                shutil.copyfile(lab_zip(env, name), target / "labs" / f"{name}.zip")
    bib = (Path(app.srcdir) / app.config.bibtex_bibfiles[0]).resolve().read_text("utf-8") if app.config.bibtex_bibfiles else ""
    entries = {part.partition("{")[2].partition(",")[0]: f"@{part.strip()}\n" for part in bib.split("\n@")[1:]}
    for docname in env.found_docs:
        if keys := [key for key in cited(env, docname) if key in entries]:
            file = target / "bib" / f"{docname.replace('/', '-')}.bib"
            file.write_text("\n".join(entries[key] for key in keys), "utf-8")


def _again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Written chapters and the welcome page, when there are other files than when they were last written."""
    if app.builder.format != "html":
        return []
    files = [*(build(env) / "pdf").glob("**/*.pdf"), *book_files(env).values()]
    now = sorted((path.name, path.stat().st_size) for path in files)
    before, env.takeaway_files = getattr(env, "takeaway_files", None), now
    if before in (None, now):
        return []
    return [name for name in sorted(env.found_docs) if name == app.config.root_doc or is_chapter(env.metadata.get(name, {}))]


def setup(app: Sphinx) -> dict[str, object]:
    app.add_node(takeaway, html=(visit_takeaway, None), latex=(_skip, None), text=(_skip, None))
    app.add_node(formats, html=(visit_formats, None), latex=(_skip, None), text=(_skip, None))
    app.add_directive("formats", Formats)
    app.add_transform(ChapterFiles)
    app.connect("env-updated", _again)
    app.connect("build-finished", _put_files)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}

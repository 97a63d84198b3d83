"""The mark "tested" beside each labelled equation that has a test, and `{equations}`: the list of all, with their tests.

`docs/data/equations/CHAPTER.yaml` says which test holds which equation, which code computes it, which worked numbers use it
and which slip (`mutant`) makes the test fail. Files are links where book.yaml names the repository, else text.
"""

import ast
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, urlencode

import labcode
from chapter import page_link
from docutils import nodes
from folded import fold
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

from tools.source import read

DATA = "data/equations"


@lru_cache(maxsize=256)
def _entries(path: Path, *stamp: int) -> list[dict]:
    document, problems = read(path, f"docs/{DATA}/{path.name}")
    if document is None:
        raise ExtensionError("; ".join(map(str, problems)))
    return document.value


def entries(env: BuildEnvironment) -> dict[str, list[dict]]:
    """By chapter, what is known of its equations; the page depends on it."""
    found = {}
    for path in labcode.listing(env, Path(env.srcdir) / DATA, "*.yaml"):
        found[path.stem] = _entries(path, path.stat().st_mtime_ns, path.stat().st_size)
    return found


def repository(env: BuildEnvironment) -> str:
    """Address of the repository, or nothing."""
    path = Path(env.srcdir) / "data" / "book.yaml"
    document, _ = read(path, "docs/data/book.yaml")
    return str(document.value.get("repository-url", "")).rstrip("/") if document else ""


def line_of(root: Path, path: str, name: str) -> int:
    """The line of a function in a file of the repository; 0 when it is not there."""
    file = root / path
    tree = ast.parse(file.read_text("utf-8")) if file.is_file() else ast.Module([], [])
    names = (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef)))
    return next((node.lineno for node in names if node.name == name.rpartition("::")[2]), 0)


def place(env: BuildEnvironment, target: str) -> nodes.Node:
    """`path::function`, as a link to its line where the repository is known."""
    path, _, name = target.partition("::")
    shown = nodes.literal(target, target)
    if not (base := repository(env)):
        return shown
    line = line_of(Path(env.srcdir).parent, path, name)
    labcode.depend(env, [Path(env.srcdir).parent / path])
    return nodes.reference("", "", shown, refuri=f"{base}/blob/main/{path}" + (f"#L{line}" if line else ""))


def proof(env: BuildEnvironment, entry: dict) -> list[tuple[str, nodes.Node]]:
    """(what, where) of test, code and worked numbers of an equation."""
    found = [("Test", place(env, entry["test"]))]
    if "code" in entry:
        found.append(("Code", place(env, entry["code"])))
    if "worked" in entry:
        chapter, _, name = entry["worked"].partition(".")
        found.append(("Worked numbers", place(env, f"docs/labs/worked/{chapter.replace('-', '_')}.py::{name}")))
    return found


def slip(entry: dict) -> list[nodes.Node]:
    """What the mutant changes."""
    mutant = entry["mutant"]
    return [nodes.literal("", mutant["was"]), nodes.Text(" → "), nodes.literal("", mutant["becomes"])]


def report(base: str, docname: str, title: str, place: str = "") -> str:
    """Address of an issue that is filled in with the place of the error."""
    about = f"Page: {docname}\n" + (f"Place: {place}\n" if place else "") + "\nWhat is wrong, and a source:\n"
    return f"{base}/issues/new?{urlencode({'title': f'Error: {title}', 'body': about}, quote_via=quote)}"


class Marks(SphinxTransform):
    """Behind each tested equation its mark, in HTML."""

    default_priority = 500

    def apply(self, **options: object) -> None:
        blocks = [node for node in self.document.findall(nodes.math_block) if node.get("label")]
        if not blocks:
            return
        known = {entry["id"]: entry for one in entries(self.env).values() for entry in one}
        for block in blocks:
            entry = known.get(block["label"], {})
            if "test" not in entry:
                continue
            items = [nodes.list_item("", nodes.paragraph("", f"{what}: ", where)) for what, where in proof(self.env, entry)]
            if base := repository(self.env):
                link = nodes.reference("", "Report an error", refuri=report(base, self.env.docname, entry["id"], entry["id"]))
                items.append(nodes.list_item("", nodes.paragraph("", "", link)))
            mark = fold("tested", nodes.bullet_list("", *items), kind="tested")
            block.parent.insert(block.parent.index(block) + 1, addnodes.only("", mark, expr="html"))


class Equations(SphinxDirective):
    """A list of all equations by chapter."""

    def run(self) -> list[nodes.Node]:
        made: list[nodes.Node] = []
        pages = {name.rpartition("/")[2]: name for name in sorted(self.env.found_docs)}
        for chapter, known in entries(self.env).items():
            if chapter in pages:
                link = page_link(pages[chapter])
                link["refdoc"] = self.env.docname
                made.append(nodes.paragraph("", "", link))
            made.append(nodes.definition_list("", *(self.item(entry) for entry in known)))
        return made or [nodes.paragraph("", "No equation is tied to a test yet.")]

    def item(self, entry: dict) -> nodes.definition_list_item:
        """One equation: its number, what it says, and what proves it."""
        options = {"refdomain": "math", "reftype": "eq", "reftarget": entry["id"], "refdoc": self.env.docname}
        link = addnodes.pending_xref("", nodes.literal("", entry["id"]), refexplicit=False, refwarn=True, **options)
        self.set_source_info(link)
        term = nodes.term("", "", link, nodes.Text(f" {entry.get('says', entry['id'])}"))
        if "test" not in entry:
            reason = nodes.paragraph("", f"Not tested: {entry.get('reason', 'no reason given')}.")
            return nodes.definition_list_item("", term, nodes.definition("", reason))
        lines = nodes.line_block("", *(nodes.line("", f"{what}: ", where) for what, where in proof(self.env, entry)))
        if "mutant" in entry:
            lines += nodes.line("", "Slip that it finds: ", *slip(entry))
        return nodes.definition_list_item("", term, nodes.definition("", lines))


def setup(app: Sphinx) -> dict[str, object]:
    for name in ("folded", "labcode"):
        app.setup_extension(name)
    app.add_transform(Marks)
    app.add_directive("equations", Equations)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

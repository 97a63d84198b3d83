"""The head of a lab page: what it is, its notebook with the modules as a zip, and a link to open it in Colab.

The zip is made when the page is read. It runs where numpy, autograd, matplotlib and a notebook program are installed. Colab
reads notebooks from the repository's branch `notebooks`, which holds the unpacked zips, so the link needs `repository-url`.
"""

import ast
import io
import json
import os
import re
import zipfile
from pathlib import Path

import equations
import labcode
import nbformat
from citestyle import short_names
from docutils import nodes
from labfigure import put
from labtext import Writer, meta_line, modules
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from worked import WorkedError, value

NEEDS = "numpy\nautograd\nmatplotlib\nnotebook\n"
FIRST = (1980, 1, 1, 0, 0, 0)  # the earliest date of a zip: the same bytes on every day
COLAB = """\
# In Colab: fetch the modules that stand beside this notebook.
import importlib.util, os, subprocess
if importlib.util.find_spec("google.colab"):
    subprocess.run(["git", "clone", "--quiet", "--depth=1", "--branch=notebooks", "{url}", "book"], check=True)
    os.chdir("book/{name}")"""


class LabHead(SphinxTransform):
    """Puts the meta line after the title of every lab page."""

    default_priority = 210

    def apply(self, **options: object) -> None:
        name = self.env.docname.removeprefix("labs/")
        if "/" in name or name == self.env.docname or (title := next(self.document.findall(nodes.title), None)) is None:
            return
        path = Path(self.env.doc2path(self.env.docname))
        text = path.read_text("utf-8")
        if not re.match(r"---\n(?:.*\n)*?file_format: *mystnb", text):
            return
        url = equations.repository(self.env)
        zipped = labcode.cache(self.env) / "notebooks" / f"{name}.zip"
        zipped.parent.mkdir(parents=True, exist_ok=True)
        data = self.archive(name, text, title.astext(), url)
        if not zipped.exists() or zipped.read_bytes() != data:
            put(zipped, data)
        here = Path(self.env.srcdir, self.env.docname).parent
        shown = nodes.inline("", "Download notebook and modules (zip)")
        target = Path(os.path.relpath(zipped, here)).as_posix()
        parts: list[nodes.Node] = [
            nodes.Text("Lab"),
            addnodes.download_reference("", "", shown, reftarget=target, refdoc=self.env.docname),
        ]
        if owner := re.fullmatch(r"https://github\.com/([^/]+/[^/]+)", url):
            address = f"https://colab.research.google.com/github/{owner[1]}/blob/notebooks/{name}/{name}.ipynb"
            parts.append(nodes.reference("", "Open in Colab", refuri=address))
        section = title.parent
        section.insert(section.index(title) + 1, addnodes.only("", meta_line(*parts), expr="html and not epub"))

    def archive(self, name: str, text: str, title: str, url: str) -> bytes:
        """The zip: notebook, modules, what to install."""
        notebook = Writer(Path(self.env.srcdir) / "labs", self.app.mathml_macros, self.cite, self.number).notebook(text, title)
        if url:
            cell = nbformat.v4.new_code_cell(COLAB.format(url=url, name=name))
            cell["id"] = "cell-colab"
            notebook.cells.insert(1, cell)
        files = {f"{name}.ipynb": json.dumps(notebook, indent=1, ensure_ascii=False).encode(), "requirements.txt": NEEDS.encode()}
        files |= {file.name: file.read_bytes() for file in self.needed(modules(notebook))}
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for file, data in sorted(files.items()):
                archive.writestr(zipfile.ZipInfo(f"{name}/{file}", FIRST), data, zipfile.ZIP_DEFLATED)
        return made.getvalue()

    def needed(self, code: str) -> set[Path]:
        """The lab modules that the notebook imports, and those that they import."""
        labs = labcode.labs(self.env)
        plain = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in code.splitlines())
        names = [alias.name for node in ast.walk(ast.parse(plain)) if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module or "" for node in ast.walk(ast.parse(plain)) if isinstance(node, ast.ImportFrom)]
        files = [labs / f"{one.partition('.')[0]}.py" for one in names]
        found = {part for file in files if file.is_file() for part in labcode.closure(file, labs)}
        labcode.depend(self.env, sorted(found))
        return found

    def cite(self, key: str) -> tuple[str, str]:
        """Author and year of a work."""
        entry = self.env.get_domain("cite").bibdata.data.entries.get(key) if "cite" in self.env.domains else None
        return (short_names(entry), entry.fields.get("year", "n.d.")) if entry else (key, "")

    def number(self, text: str) -> str:
        """A worked number."""
        try:
            return value(self.env, text)
        except WorkedError:
            return text  # the page says so


def setup(app: Sphinx) -> dict[str, object]:
    for name in ("labcode", "labfigure", "worked", "equations", "mathml"):
        app.setup_extension(name)
    app.add_transform(LabHead)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

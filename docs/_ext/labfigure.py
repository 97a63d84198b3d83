"""`{lab-figure} MODULE.function`: a figure that `labs/MODULE.py` draws when the page is read; SVG on screen, PDF on paper.

Options: `alt` (what one sees; needed), `name` (`fig-...`), `width`. The content is the caption. If the figure carries
`data_table = (header, rows)`, its numbers follow as a folded table. Pictures are kept until the module, a lab module that it
imports, or the lock changes.
"""

import json
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import labcode
from docutils import nodes
from docutils.parsers.rst import directives
from folded import fold
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective


def table(header: Sequence[str], rows: Sequence[Sequence[object]], title: str) -> nodes.table:
    """A table of docutils; the first column heads the rows."""
    group = nodes.tgroup(cols=len(header))
    group += [nodes.colspec(colwidth=max(len(text(line[n])) for line in (header, *rows))) for n in range(len(header))]
    parts = [nodes.thead(), nodes.tbody()]
    for part, lines in zip(parts, ([header], rows), strict=True):
        for line in lines:
            cells = (nodes.entry("", nodes.paragraph("", text(value))) for value in line)
            part += nodes.row("", *cells)
        group += part
    return nodes.table("", nodes.title("", title), group, classes=["figure-data"])


def text(value: object) -> str:
    """A number with four digits that count."""
    if isinstance(value, float):
        return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
    return str(value).replace("-", "\N{MINUS SIGN}") if isinstance(value, int) else str(value)


def plain(value: object) -> object:
    """NumPy's numbers as Python's, for JSON."""
    return value.item() if hasattr(value, "item") else value


def put(path: Path, data: bytes) -> None:
    """Write whole or not at all: another process may be drawing the same picture."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.chmod(name, 0o644)
    os.replace(name, path)


def draw(env: BuildEnvironment, module: str, function: str) -> tuple[Path, list[list[object]] | None]:
    """The picture's path without ending, and the rows of its table (the header first); drawn now unless they are kept."""
    labs = labcode.labs(env)
    file = labs / f"{module}.py"
    if not file.is_file():
        raise ValueError(f"there is no labs/{module}.py")
    files = labcode.closure(file, labs)
    labcode.depend(env, files)
    folder = labcode.cache(env) / "figures" / labcode.digest([*files, Path(env.srcdir).parent / labcode.LOCK])
    base, kept = folder / f"{module}-{function}".replace("_", "-"), folder / f"table-{module}-{function}.json"
    if not kept.exists():
        made = getattr(labcode.load(file, labs), function, None)
        if not callable(made):
            raise ValueError(f"labs/{module}.py has no function {function}")
        figure = made()
        if not hasattr(figure, "picture"):
            raise ValueError(f"{module}.{function}() gives no figure of style.figure()")
        folder.mkdir(parents=True, exist_ok=True)
        for kind in ("svg", "pdf"):
            put(base.with_suffix(f".{kind}"), figure.picture(kind))
        data = figure.data_table
        rows = [[plain(value) for value in line] for line in (data[0], *data[1])] if data else None
        put(kept, json.dumps(rows).encode())  # last: where it is, the pictures are
    return base, json.loads(kept.read_text("utf-8"))


class Sizes(SphinxPostTransform):
    """Pictures say how large they are, so that the page holds still while they load, and load when they come into sight."""

    default_priority = 900  # behind the choice of the format
    formats = ("html",)

    def run(self, **options: object) -> None:
        for image in self.document.findall(nodes.image):
            file = Path(self.env.srcdir) / image.get("candidates", {}).get("image/svg+xml", image["uri"])
            image["loading"] = "lazy"
            if self.app.builder.name != "epub" and file.suffix == ".svg" and file.is_file() and "width" not in image:
                head = file.read_text("utf-8")[:2000]
                for name in ("width", "height"):
                    if found := re.search(rf'<svg\b[^>]*?\b{name}="([\d.]+)pt"', head):
                        image[name] = str(round(float(found[1]) * 4 / 3))  # points to pixels


class LabFigure(SphinxDirective):
    has_content = True
    required_arguments = 1
    option_spec = {  # noqa: RUF012  # docutils reads it from the class
        "alt": directives.unchanged_required,
        "name": directives.unchanged,
        "width": directives.length_or_percentage_or_unitless,
    }

    def run(self) -> list[nodes.Node]:
        module, _, function = self.arguments[0].partition(".")
        if "alt" not in self.options:
            raise self.error(f"{self.arguments[0]} lacks :alt:, which says what one sees")
        try:
            base, rows = draw(self.env, module, function)
        except Exception as error:
            raise self.error(f"{self.arguments[0]}: {type(error).__name__}: {error}") from error
        here = Path(self.env.srcdir, self.env.docname).parent
        uri = Path(os.path.relpath(base, here)).as_posix() + ".*"
        image = nodes.image(uri=uri, alt=self.options["alt"])
        if "width" in self.options:
            image["width"] = self.options["width"]
        figure = nodes.figure("", image, classes=["lab-figure"])
        self.set_source_info(image)
        self.set_source_info(figure)
        content = self.parse_content_to_nodes()
        if content and isinstance(content[0], nodes.paragraph):
            caption = nodes.caption(content[0].rawsource, "", *content[0].children)
            self.set_source_info(caption)
            figure += caption
            if content[1:]:
                figure += nodes.legend("", *content[1:])
        self.add_name(figure)
        if not rows:
            return [figure]
        data = table([str(name) for name in rows[0]], rows[1:], "The numbers of the figure")
        return [figure, fold("Data of this figure", data, kind="data")]


def setup(app: Sphinx) -> dict[str, object]:
    app.setup_extension("labcode")
    app.setup_extension("folded")
    app.add_directive("lab-figure", LabFigure)
    app.add_post_transform(Sizes)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

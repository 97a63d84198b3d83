"""Formulas become MathML when the page is built: readable without JavaScript, spoken by screen readers, no requests.

Macros come from the notation registry (`docs/_generated/macros.json`); the LaTeX output defines them too. The rest is the
work of pandoc's texmath: one process for all formulas of a page, and only for those that it has not converted before
(`build/.mathml`). A formula that cannot be converted is a warning with the page and line (an error under `-W`).
"""

import hashlib
import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

import texmath
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from texmath import Formula, TexError

logger = logging.getLogger(__name__)
Macros = dict[str, tuple[str, int]]
COMMAND = re.compile(r"\\([A-Za-z]+)")
MAX_DEPTH = 20  # of macros in macros


def argument(tex: str, start: int) -> tuple[str, int]:
    """The argument at `start` (a group, a command or one character) and the position after it."""
    while start < len(tex) and tex[start].isspace():
        start += 1
    if start == len(tex):
        raise TexError("a macro lacks an argument at the end of the formula")
    if tex[start] != "{":
        found = COMMAND.match(tex, start)
        end = found.end() if found else start + 1
        return tex[start:end], end
    depth, end = 0, start
    for end in range(start, len(tex)):
        depth += {"{": 1, "}": -1}.get(tex[end], 0) if tex[end - 1 : end] != "\\" else 0
        if depth == 0:
            return tex[start + 1 : end], end + 1
    raise TexError("a group { is not closed")


def expand(tex: str, macros: Macros, depth: int = 0) -> str:
    """`tex` with the macros of the registry written out."""
    if depth > MAX_DEPTH:
        raise TexError("macros call one another without end")
    done, at = [], 0
    while found := COMMAND.search(tex, at):
        done.append(tex[at : found.start()])
        at = found.end()
        if found[0] not in macros:
            done.append(found[0])
            continue
        body, count = macros[found[0]]
        for number in range(1, count + 1):
            value, at = argument(tex, at)
            body = body.replace(f"#{number}", value)
        done.append("{" + expand(body, macros, depth + 1) + "}")
    return "".join(done) + tex[at:]


def formulas(doctree: nodes.Node) -> Iterator[Formula]:
    """Text of every formula, and whether it stands on its own lines."""
    yield from ((node.astext(), isinstance(node, nodes.math_block)) for node in doctree.findall(texmath.is_math))


def prepare(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Convert what the page needs and is not known yet, in one process."""
    if app.builder.format != "html":
        return
    known, wanted = app.mathml_known, {}
    for tex, block in formulas(doctree):
        try:
            wanted[expand(tex, app.mathml_macros), block] = None
        except TexError:
            continue  # said where it is shown
    name = hashlib.sha256(docname.encode()).hexdigest()[:16]
    path = Path(app.srcdir).parent / "build" / ".mathml" / f"{texmath.VERSION}-{name}.json"
    kept = {(tex, block): made for tex, block, made in json.loads(path.read_text("utf-8"))} if path.exists() else {}
    known |= {one: kept[one] for one in wanted if one in kept}
    if new := [one for one in wanted if one not in known]:
        known |= texmath.convert(new)
    now = [[*one, known[one]] for one in wanted if isinstance(known[one], str)]
    if any((tex, block) not in kept for tex, block, _ in now):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".new").write_text(json.dumps(now), "utf-8")
        path.with_suffix(".new").replace(path)


def mathml(tex: str, block: bool, macros: Macros, known: dict[Formula, str | TexError]) -> str:
    """The MathML element of a formula; raises TexError."""
    one = (expand(tex, macros), block)
    if one not in known:
        known |= texmath.convert([one])
    if isinstance(made := known[one], TexError):
        raise made
    return made.replace("<math ", f'<math alttext="{escape(tex.strip())}" ', 1)


XML = (' xmlns="http://www.w3.org/1998/Math/MathML"', ' display="inline"')  # only XHTML needs to be told


def _html(self, node: nodes.Element, block: bool) -> str:
    tex, app = node.astext(), self.builder.app
    try:
        made = mathml(tex, block, app.mathml_macros, app.mathml_known)
        return made if self.builder.name == "epub" else made.replace(XML[0], "").replace(XML[1], "")
    except TexError as error:
        logger.warning("formula %r: %s", tex, error, location=node, type="mathml")
        return f"<code>{escape(tex)}</code>"


def visit_inline(self, node: nodes.math) -> None:
    self.body.append(f'<span class="math">{_html(self, node, False)}</span>')
    raise nodes.SkipNode


def visit_block(self, node: nodes.math_block) -> None:
    wrapped = "math-wrapper" in node.parent.get("classes", ())  # the theme's, which has the ids already
    self.body.append('<div class="math">' if wrapped else self.starttag(node, "div", CLASS="math"))
    self.body.append(_html(self, node, True))
    if node.get("number"):
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>")
    raise nodes.SkipNode


def _load(app: Sphinx, config: Config) -> None:
    path = Path(app.srcdir) / "_generated" / "macros.json"
    macros = json.loads(path.read_text("utf-8")) if path.exists() else {}
    app.mathml_macros = {name: (body, count) for name, (body, count) in sorted(macros.items())}
    app.mathml_known = {}
    lines = []
    for name, (body, count) in app.mathml_macros.items():
        arguments = f"[{count}]" if count else ""
        if re.search(r"[_^]", body) and not count:
            body = f"{{{body}}}"  # as `expand` has it: a symbol with an index may get another
        lines.append(rf"\providecommand{{{name}}}{{}}\renewcommand{{{name}}}{arguments}{{{body}}}")
    config.latex_elements["preamble"] = "\n".join([config.latex_elements.get("preamble", ""), *lines])


def setup(app: Sphinx) -> dict[str, object]:
    """Register the renderer; conf.py chooses it with `html_math_renderer`."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("config-inited", _load)
    app.connect("doctree-resolved", prepare, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

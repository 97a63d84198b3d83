"""Formulas become MathML when the page is built: readable without JavaScript, spoken by screen readers, no requests.

Macros come from the notation registry (`docs/_generated/macros.json`); a formula that cannot be converted, or that uses
a command nobody defined, is a warning with the page and line (an error under `-W`).
"""

import json
import re
from functools import lru_cache
from html import escape
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)
COMMAND = re.compile(r"\\([A-Za-z]+)")
MAX_DEPTH = 20  # of macros in macros


class TexError(ValueError):
    """A formula that cannot be shown."""


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


def expand(tex: str, macros: dict[str, tuple[str, int]], depth: int = 0) -> str:
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


def balanced(tex: str) -> None:
    """Refuse what the converter would let pass: unequal braces and environments."""
    bare = re.sub(r"\\[\\{}]", "", tex)
    if bare.count("{") != bare.count("}"):
        raise TexError("braces { } do not match")
    begun, ended = (sorted(re.findall(rf"\\{word}\{{(\w+\*?)\}}", tex)) for word in ("begin", "end"))
    if begun != ended or len(re.findall(r"\\left\b", tex)) != len(re.findall(r"\\right\b", tex)):
        raise TexError("\\begin and \\end, or \\left and \\right, do not match")


@lru_cache(maxsize=4096)
def mathml(tex: str, block: bool, macros: tuple[tuple[str, tuple[str, int]], ...]) -> str:
    """The MathML element of a formula; raises TexError."""
    balanced(tex)
    full = expand(tex, dict(macros))
    try:
        made = convert(full, display="block" if block else "inline")
    except Exception as error:  # the converter has many kinds of its own
        raise TexError(f"{type(error).__name__}: {error}".rstrip(": ")) from error
    if unknown := re.search(r"<m[io]>\\([A-Za-z]+)</m[io]>", made):
        raise TexError(f"nobody defined \\{unknown[1]}")
    if "<mi>&</mi>" in made:
        raise TexError("the converter knows no alignment here")
    return made.replace("<math ", f'<math alttext="{escape(tex.strip())}" ', 1)


def _html(self, node: nodes.Element, block: bool) -> str:
    tex = node.astext()
    try:
        return mathml(tex, block, self.builder.app.mathml_macros)
    except TexError as error:
        logger.warning("formula %r: %s", node.astext(), error, location=node, type="mathml")
        return f"<code>{escape(node.astext())}</code>"


def visit_inline(self, node: nodes.math) -> None:
    self.body.append(f'<span class="math">{_html(self, node, False)}</span>')
    raise nodes.SkipNode


def visit_block(self, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", CLASS="math"))
    self.body.append(_html(self, node, True))
    if node.get("number"):
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({escape(number)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>")
    raise nodes.SkipNode


def _load(app: Sphinx) -> None:
    path = Path(app.srcdir) / "_generated" / "macros.json"
    macros = json.loads(path.read_text("utf-8")) if path.exists() else {}
    app.mathml_macros = tuple((name, (body, count)) for name, (body, count) in sorted(macros.items()))


def setup(app: Sphinx) -> dict[str, object]:
    """Register the renderer; conf.py chooses it with `html_math_renderer`."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("builder-inited", _load)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

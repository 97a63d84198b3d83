"""TeX to MathML with pandoc: many formulas in one process."""

import importlib.util
import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from docutils import nodes

Formula = tuple[str, bool]  # TeX without macros, and whether it is displayed
VERSION = "2"  # of `mend`: a change makes kept formulas void
NOT_TEX = re.compile(r"\\(?:label|nonumber|notag)\b(?:\s*\{[^}]*\})?")
PART = re.compile(r'<div id="f(\d+)">\s*<p>(.*?)</p>\s*</div>', re.S)
SECONDS = 60


class TexError(ValueError):
    """A formula that cannot be shown."""


@cache
def pandoc() -> str:
    """The pandoc that comes with the Python package, else that of the system."""
    spec = importlib.util.find_spec("pypandoc")
    own = shutil.which("pandoc", path=str(Path(spec.origin).parent / "files")) if spec and spec.origin else None
    found = own or shutil.which("pandoc")
    if not found:
        raise RuntimeError("pandoc is missing; it comes with the package pypandoc-binary")
    return found


def is_math(node: nodes.Node) -> bool:
    return isinstance(node, (nodes.math, nodes.math_block))


def ready(tex: str, block: bool) -> str:
    """A formula as pandoc wants it: Sphinx shows rows and alignment without an environment too."""
    tex = NOT_TEX.sub("", tex).strip()
    if block and re.search(r"(?<!\\)&|\\\\", re.sub(r"\\begin\{(\w+\*?)\}.*\\end\{\1\}", "", tex, flags=re.S)):
        return rf"\begin{{aligned}}{tex}\end{{aligned}}"
    return tex


def run(formulas: list[Formula]) -> tuple[str, str]:
    """HTML of a page with all formulas, and what pandoc said."""
    blocks = [
        {
            "t": "Div",
            "c": [[f"f{n}", [], []], [{"t": "Para", "c": [{"t": "Math", "c": [{"t": kind}, ready(tex, block)]}]}]],
        }
        for n, (tex, block) in enumerate(formulas)
        for kind in ("DisplayMath" if block else "InlineMath",)
    ]
    document = json.dumps({"pandoc-api-version": [1, 23], "meta": {}, "blocks": blocks})
    command = [pandoc(), "--from=json", "--to=html", "--mathml", "--wrap=none"]
    done = subprocess.run(command, input=document.encode(), capture_output=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"pandoc failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode(), done.stderr.decode()


def lax(tex: str) -> str:
    """What TeX would refuse and pandoc lets pass, if anything."""
    if len(re.findall(r"\\left\b", tex)) != len(re.findall(r"\\right\b", tex)):
        return r"\left and \right do not match"
    twice = re.search(r"([_^])\s*(?:\{[^{}]*\}|\\[A-Za-z]+|\w)\s*\1", tex)
    return f"two {twice[1]} at one symbol" if twice else ""


def convert(formulas: list[Formula]) -> dict[Formula, str | TexError]:
    """Each formula's MathML, or why it has none."""
    refused = {one: TexError(why) for one in formulas if (why := lax(one[0]))}
    wanted = [one for one in formulas if one not in refused]
    html, _ = run(wanted) if wanted else ("", "")
    found = {wanted[int(n)]: part.strip() for n, part in PART.findall(html)}
    return refused | {one: mend(part) if part.startswith("<math") else TexError(_reason(one)) for one, part in found.items()}


def _reason(formula: Formula) -> str:
    """Why pandoc refuses a formula, from a run of its own."""
    _, said = run([formula])
    lines = [line.strip() for line in said.splitlines() if line.strip() not in ("", "^")]
    said = next((line for line in reversed(lines) if line.startswith("unexpected")), lines[-1] if lines else "no reason given")
    if found := re.fullmatch(r"unexpected control sequence (\\\w+)", said):
        return f"nobody defined {found[1]}"
    return said


STRETCHED = re.compile(r"<mi ((?:(?:minsize|maxsize|stretchy)=\"[^\"]*\" ?)+)>([^<]*)</mi>")
UPRIGHT = re.compile(r'(?:<mi mathvariant="normal">[A-Za-z]</mi>){2,}')
ACCENTS = {"\u0302": "^", "\u0303": "~", "\u0307": "\u02d9", "\u0308": "\u00a8", "\u0304": "\u00af", "\u20d7": "\u2192"}


def mend(element: str) -> str:
    """Pandoc's MathML as browsers show it best; its TeX annotation goes, `alttext` has the author's."""
    element = re.sub(r"</?semantics>|<annotation .*?</annotation>", "", element, flags=re.S)
    element = element.replace("<mi>−</mi>", '<mo form="prefix">−</mo>')
    element = STRETCHED.sub(r"<mo \1>\2</mo>", element)
    element = UPRIGHT.sub(lambda run: f'<mi mathvariant="normal">{"".join(re.findall(r">(.)<", run[0]))}</mi>', element)
    element = re.sub(
        r'<mo accent="true">(.)</mo>', lambda mark: f'<mo accent="true">{ACCENTS.get(mark[1], mark[1])}</mo>', element
    )
    element = re.sub(
        r'(<mtable)(><mtr><mtd columnalign="right" style="text-align: right; padding-right: 0")',
        r'\1 displaystyle="true"\2',
        element,
    )
    return re.sub(r' mathvariant="(?:double-struck|script|bold|fraktur|sans-serif|monospace|italic|bold-italic)"', "", element)

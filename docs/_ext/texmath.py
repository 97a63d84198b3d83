"""TeX to MathML with pandoc: many formulas in one process."""

import importlib.util
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

from docutils import nodes

Formula = tuple[str, bool]  # TeX without macros, and whether it is displayed
VERSION = "3"  # of `mend`: a change makes kept formulas void
NOT_TEX = re.compile(r"\\(?:label|nonumber|notag)\b(?:\s*\{[^}]*\})?")
LOST = re.compile(r"\\(?:tag|hline|color|textcolor|cancel)\b")  # pandoc reads these and shows nothing of them
BOLD = re.compile(r"\\mathbf\s*\{\s*([A-Za-z0-9]+)\s*\}")  # pandoc would slant the letters
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
    tex = BOLD.sub(r"\\textbf{\1}", NOT_TEX.sub("", tex)).strip()
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
    """What TeX would refuse and pandoc lets pass, or pandoc leaves out, if anything."""
    if found := LOST.search(tex):
        return f"{found[0]} would not be shown"
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


MATHML = "http://www.w3.org/1998/Math/MathML"
STRETCHED = re.compile(r"<mi ((?:(?:minsize|maxsize|stretchy)=\"[^\"]*\" ?)+)>([^<]*)</mi>")
SIZE = re.compile(r'((?:min|max)size=")(\d+)%"')
SCRIPTED = re.compile(r"(<msu(?:b|p|bsup)>)(<mo [^>]*minsize=[^>]*>[^<]*</mo>)")
UPRIGHT = re.compile(r'(?:<mi mathvariant="normal">[A-Za-z]</mi>){2,}')
ACCENTS = {"\u0302": "^", "\u0303": "~", "\u0307": "\u02d9", "\u0308": "\u00a8", "\u0304": "\u00af", "\u20d7": "\u2192"}
ACCENTS |= {"\u030c": "\u02c7", "\u0306": "\u02d8"}
LETTER_ACCENT = re.compile(r'<mover>(<m[in](?: [^>]*)?>[^<]*</m[in]>)<mo accent="true">([^<\u00af])</mo>')
STYLES = re.compile(r' mathvariant="(?:double-struck|script|bold|fraktur|sans-serif|monospace|italic|bold-italic)"')
BOX = ('<menclose notation="box">', '<mrow style="border: 1px solid; padding: 0.15em 0.3em">')
SCRIPTS = ("msub", "msup", "msubsup", "munder", "mover", "munderover")
ROWS = {f"{{{MATHML}}}{name}" for name in ("math", "mrow", "mtd", "mstyle", "msqrt")}
LIMITS = {"max", "min", "lim", "sup", "inf", "arg\u2006max", "arg\u2006min"}  # functions that pandoc does not mark as such
THIN = {"width": "0.167em"}  # of a quad, as in TeX


def mend(element: str) -> str:
    """Pandoc's MathML as browsers show it best; its TeX annotation goes, `alttext` has the author's."""
    element = re.sub(r"</?semantics>|<annotation .*?</annotation>", "", element, flags=re.S)
    element = element.replace("<mi>−</mi>", '<mo form="prefix">−</mo>')
    element = STRETCHED.sub(r"<mo \1>\2</mo>", element)
    # Sizes of letters: per cent would be of the sign itself
    element = SIZE.sub(lambda size: f'{size[1]}{int(size[2]) / 100:g}em"', element)
    element = SCRIPTED.sub(r"\1<mrow>\2<mrow></mrow></mrow>", element)  # else it stays small below its own exponent
    # \lVert is not \left\|; the norm's sign has no gaps, and \middle\| has none in TeX
    element = re.sub(r'<mo stretchy="true" (form="(?:prefix|postfix)">‖)', r'<mo stretchy="false" \1', element)
    element = re.sub(r'<mo ([^>]*form="(?:prefix|postfix)")>∥</mo>', r"<mo \1>‖</mo>", element)
    element = element.replace('form="infix">∥</mo>', 'form="infix" lspace="0em" rspace="0em">∥</mo>')
    element = UPRIGHT.sub(lambda run: f'<mi mathvariant="normal">{"".join(re.findall(r">(.)<", run[0]))}</mi>', element)
    element = re.sub(
        r'<mo accent="true">(.)</mo>', lambda mark: f'<mo accent="true">{ACCENTS.get(mark[1], mark[1])}</mo>', element
    )
    element = re.sub(r'<mtext mathvariant="bold">([^<\s])</mtext>', r"<mi>\1</mi>", element)
    element = LETTER_ACCENT.sub(r'<mover accent="true">\1<mo accent="true" stretchy="false">\2</mo>', element)
    element = re.sub(
        r'(<mtable)(><mtr><mtd columnalign="right" style="text-align: right; padding-right: 0")',
        r'\1 displaystyle="true"\2',
        element,
    )
    # Chromium aligns the cells of a formula by its own word only
    element = re.sub(r'style="text-align: (right|left);', r'style="text-align: \1; text-align: -webkit-\1;', element)
    if BOX[0] in element and element.count("<menclose") == element.count(BOX[0]):
        element = element.replace(BOX[0], BOX[1]).replace("</menclose>", "</mrow>")  # browsers no longer know menclose
    element = STYLES.sub("", element)
    return spaced(element)


def spaced(element: str) -> str:
    """With TeX's thin space between names of functions and their neighbours: 2 ln x, but ln(x)."""
    ET.register_namespace("", MATHML)
    root = ET.fromstring(element)
    for row in [one for one in root.iter() if one.tag in ROWS]:
        children = list(row)
        if len(children) == 2 and children[1].text == "\u2061":
            continue  # the name itself
        wanted, before = [], None
        for child in children:
            if before is not None and ((_is_name(before) and _joins(child)) or (_is_name(child) and _joins(before, left=True))):
                wanted.append(ET.Element(f"{{{MATHML}}}mspace", THIN))
            wanted.append(child)
            before = child
        row[:] = wanted
    return ET.tostring(root, "unicode", short_empty_elements=False)


def _kind(element: ET.Element) -> str:
    return element.tag.removeprefix(f"{{{MATHML}}}")


def _is_name(element: ET.Element) -> bool:
    """Whether it is `ln`, `max` with what stands below it, or the like."""
    while _kind(element) in SCRIPTS:
        element = element[0]
    if _kind(element) == "mi":
        return element.text in LIMITS
    return _kind(element) == "mrow" and len(element) == 2 and element[1].text == "\u2061"


def _joins(element: ET.Element, left: bool = False) -> bool:
    """Whether a thin space parts it from a name: not signs, which have spaces of their own, nor what opens with a fence."""
    if _kind(element) == "mo":
        return left and element.get("form") == "postfix"
    if _kind(element) == "mrow" and len(element) and not left:
        return not (_kind(element[0]) == "mo" and element[0].get("form") == "prefix")
    return _kind(element) != "mspace"

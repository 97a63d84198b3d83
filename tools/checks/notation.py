"""Formulas use the symbols of the registry (docs/data/notation.yaml) and plain TeX."""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.catalog import Catalog
from tools.pages import Page
from tools.problem import Problem

MATH = re.compile(
    r"\$\$(.+?)\$\$|(?<![\\$])\$(?!\s)((?:[^$\n]|\n(?!\n))+?)(?<!\s)\$(?!\d)|\{math\}`([^`]+)`|(\\begin\{[a-z]+\*?\}.+?\\end\{[a-z]+\*?\})",
    re.S,
)
BLOCK = re.compile(r"^(`{3,}|:{3,})\{math\}[^\n]*\n(.*?)^\1\s*$", re.S | re.M)
WORDS = """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi
    varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell partial nabla infty emptyset
    frac tfrac dfrac binom sqrt sum prod int lim max min sup inf arg log ln exp sin cos tan det dim Pr gcd sgn
    left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr middle mid vert Vert lvert rvert lVert rVert langle rangle
    lfloor rfloor lceil rceil lbrace rbrace
    le leq ge geq ne neq ll gg approx sim simeq equiv propto in notin ni subset subseteq supset cup cap setminus
    to mapsto rightarrow leftarrow Rightarrow Leftarrow Leftrightarrow leftrightarrow longrightarrow implies iff uparrow downarrow
    cdot times div pm mp circ ast star oplus otimes odot wedge vee neg forall exists top bot perp prime
    ldots cdots vdots ddots dots quad qquad hspace
    text mathrm mathbf mathbb mathcal mathsf mathit boldsymbol operatorname limits nolimits
    hat bar tilde widehat widetilde overline underline vec dot ddot underbrace overbrace overset underset stackrel substack
    begin end label nonumber notag tag displaystyle textstyle boxed phantom not colon
"""
TEX = frozenset(WORDS.split())


def formulas(page: Page) -> Iterator[tuple[int, str]]:
    """(line, TeX) of every formula on the page."""
    for line, found in page.find(MATH):
        yield line, next(filter(None, found.groups()))
    for found in BLOCK.finditer(page.text):
        yield page.text.count("\n", 0, found.start(2)) + 1, found[2]


def known_symbols(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """NOTE001: a formula uses a command that is neither TeX's nor in docs/data/notation.yaml. Register it, or use another."""
    macros = {symbol.macro[1:] for symbol in catalog.symbols.values()}
    for page in pages:
        for line, tex in formulas(page):
            for found in re.finditer(r"\\([A-Za-z]+)", tex):
                if found[1] not in macros | TEX:
                    at = line + tex.count("\n", 0, found.start())
                    yield Problem(page.name, at, "NOTE001", f"\\{found[1]} is neither TeX's nor in docs/data/notation.yaml")


def sound_registry(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """NOTE002: the registry has a macro twice, or one that stands for a command of TeX or uses an unknown one."""
    macros = [symbol.macro[1:] for symbol in catalog.symbols.values()]
    for key, symbol in catalog.symbols.items():
        name = symbol.macro[1:]
        unknown = [word for word in re.findall(r"\\([A-Za-z]+)", symbol.tex) if word not in TEX and word not in macros]
        wrong = {
            f"\\{name} is registered twice": macros.count(name) > 1,
            f"\\{name} is TeX's own": name in TEX,
            f"tex uses the unknown {', '.join(unknown)}": bool(unknown),
            f"tex must use each of its {symbol.arguments} arguments and no other": (
                set(re.findall(r"#(\d)", symbol.tex)) != {str(n + 1) for n in range(symbol.arguments)}
            ),
        }
        for why, holds in wrong.items():
            if holds:
                yield Problem(*catalog.at("symbols", key), "NOTE002", f"{key}: {why}")


RULES = (known_symbols, sound_registry)

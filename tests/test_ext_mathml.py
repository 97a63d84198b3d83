"""Formulas become MathML; what cannot be shown is refused."""

import re
import xml.etree.ElementTree as ET

import pytest
import texmath
from mathml import TexError, expand, mathml

MACROS = {r"\E": (r"\mathbb{E}_{#1}", 1), r"\pol": (r"\pi_{\theta}", 0), r"\pair": ("(#1,#2)", 2), r"\loop": (r"\loop", 0)}
MATHML = "{http://www.w3.org/1998/Math/MathML}"


def tree(tex, block=True):
    return ET.fromstring(mathml(tex, block, MACROS, {}))


def tags(tex):
    return [element.tag.removeprefix(MATHML) for element in tree(tex).iter()]


def letters(tex):
    return "".join("".join(tree(tex).itertext()).split())


@pytest.mark.parametrize(
    "tex, written_out",
    [
        (r"\E{x}[\pol]", r"{\mathbb{E}_{x}}[{\pi_{\theta}}]"),
        (r"\E x", r"{\mathbb{E}_{x}}"),
        (r"\E{\pol}", r"{\mathbb{E}_{{\pi_{\theta}}}}"),
        (r"\pair{a}{b{c}}", "{(a,b{c})}"),
        (r"\policy", r"\policy"),
    ],
)
def test_macros_are_written_out(tex, written_out):
    assert expand(tex, MACROS) == written_out


@pytest.mark.parametrize(
    "tex, why",
    [
        (r"\frac{1}{2", "unexpected"),
        (r"\nope + 1", r"nobody defined \\nope"),
        (r"\left( x", "do not match"),
        (r"\begin{matrix} x", "unexpected"),
        (r"x_{1}_{2}", "two _ at one symbol"),
        (r"\E", "lacks an argument"),
        (r"\loop", "without end"),
    ],
)
def test_bad_formulas_are_refused(tex, why):
    with pytest.raises(TexError, match=why):
        mathml(tex, True, MACROS, {})


def test_the_element_is_xml_with_the_source_as_alternative():
    root = tree(r"a < \frac{\pol}{2}", block=False)
    assert root.attrib["alttext"] == r"a < \frac{\pol}{2}"
    assert root.attrib["display"] == "inline"
    assert [element.tag for element in root.iter()].count(f"{MATHML}mfrac") == 1


# What chapters write: (TeX, elements that the result must have, its letters)
TORTURE = [
    (r"\begin{aligned} a &= b \\ &\le c_{1}^{2} \end{aligned}", ["mtable", "mtr", "mtr", "msubsup"], "a=b≤c12"),
    (r"a &= b \\ &= c", ["mtable", "mtr", "mtr"], "a=b=c"),
    (r"f = \begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}", ["mtable", "mtext"], "f={1ifx>00otherwise"),
    (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", ["mtable", "mtr", "mtd"], "(1234)"),
    (r"\operatorname*{arg\,max}_{\theta} J", ["munder"], None),
    (r"\underbrace{r(x,y)}_{\text{reward}}", ["munder", "mtext"], None),
    (r"\left[\frac{\pol}{2}\,\middle\|\,q\right]", ["mfrac"], "[πθ2∥q]"),
    (r"\mathbb{E}\mathbb{R}\mathcal{D}\mathbf{1}\mathbb{1}[x]", ["mi"], "𝔼ℝ𝒟𝟏𝟙[x]"),
    (r"\hat{A}\tilde{a}\bar{r}\overline{x}\widehat{xy}", ["mover"], None),
    (r"\sum_{t=0}^{T-1}\gamma^t \prod_i \int_0^1 x\,dx", ["munderover"], None),
    (r"\bigl( \tfrac12 \bigr) \lVert g \rVert \lfloor x \rfloor \overset{!}{=}", ["mover"], None),
    (r"a'_{t} \in \{1,2\} \quad \boxed{x} \sqrt[3]{2} \substack{a\\b} \hspace{1em}", ["mroot", "menclose"], None),
    (r"\left\{ x : y \right\} \mathrm{KL} \log \max_a \min_{b} \lim_{n\to\infty}", ["munder"], None),
    (r"x = 1 \label{eq-x} \nonumber", ["mi"], "x=1"),
]


@pytest.mark.parametrize("tex, elements, text", TORTURE, ids=[tex[:24] for tex, _, _ in TORTURE])
def test_what_chapters_write(tex, elements, text):
    found = tags(tex)
    assert all(found.count(name) >= elements.count(name) for name in elements)
    assert "&" not in letters(tex) and "\\" not in letters(tex)
    assert text is None or letters(tex) == text


def test_rows_of_derivations_are_displayed_and_roman_words_stay_whole():
    assert 'displaystyle="true"' in mathml(r"\begin{aligned} a &= \sum_x b \end{aligned}", True, MACROS, {})
    assert ">KL</mi>" in mathml(r"D_{\mathrm{KL}}", True, MACROS, {})
    assert '<mo form="prefix">−</mo>' in mathml("-1", True, MACROS, {})
    assert not re.search("[\u0300-\u036f]", mathml(r"\hat{A}\tilde{a}\bar{r}\dot{x}", True, MACROS, {}))


def test_many_formulas_cost_one_process(monkeypatch):
    calls, run = [], texmath.run
    monkeypatch.setattr(texmath, "run", lambda formulas: calls.append(len(formulas)) or run(formulas))
    made = texmath.convert([(f"x_{{{n}}}", bool(n % 2)) for n in range(500)])
    assert calls == [500]
    assert len(made) == 500
    assert all(made[f"x_{{{n}}}", bool(n % 2)].count(f">{n}<") == 1 for n in range(500))

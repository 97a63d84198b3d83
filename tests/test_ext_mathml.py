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
    (r"a'_{t} \in \{1,2\} \quad \boxed{x} \sqrt[3]{2} \substack{a\\b} \hspace{1em}", ["mroot", "mrow"], None),
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


def plain(tex, block=True):
    """The MathML without its alternative text and its namespace."""
    return re.sub(r' (?:alttext|xmlns)="[^"]*"', "", mathml(tex, block, MACROS, {}))


THIN = '<mspace width="0.167em"></mspace>'


@pytest.mark.parametrize(
    "tex, gaps",
    [(r"2\ln x", 2), (r"\ln x", 1), (r"\ln(x)", 0), (r"f(x)\ln\left(x\right)", 1), (r"-\ln\frac12", 1), (r"a\,\ln x", 2)],
)
def test_names_of_functions_keep_their_distance(tex, gaps):
    assert plain(tex).count(THIN) == gaps


@pytest.mark.parametrize(
    "tex, gaps", [(r"\max_a Q", 1), (r"= \max_{a} [x]", 0), (r"\log_2 x", 1), (r"\operatorname*{arg\,min}_{a} Q", 1)]
)
def test_names_with_something_below_do_too(tex, gaps):
    assert plain(tex).count(THIN) == gaps


def test_fences_have_the_size_that_was_asked_for():
    assert plain(r"\big[ x").count('minsize="1.2em" maxsize="1.2em"') == 1  # per cent would be of the bracket, not of the letters
    assert "<msup><mrow><mo " in plain(r"\Big( x \Big)^2")  # a sign of its own size with an exponent would stay small
    assert 'stretchy="false" form="prefix">‖' in plain(r"\lVert x \rVert")
    assert 'stretchy="true" form="prefix">‖' in plain(r"\left\| x \right\|")
    assert 'lspace="0em" rspace="0em">∥' in plain(r"\left[ p \,\middle\|\, q \right]")
    assert "<mo>∥</mo>" in plain(r"a \parallel b")


def test_accents_of_letters_do_not_grow():
    assert plain(r"\hat{A}").count('<mover accent="true"><mi>A</mi><mo accent="true" stretchy="false">^</mo>') == 1
    assert "stretchy" not in plain(r"\widehat{AB}") + plain(r"\overline{x}")
    assert letters(r"\check c\breve c") == "cˇc˘"


def test_letters_are_bold_and_upright_and_columns_aligned():
    assert letters(r"\mathbf{x}\mathbf{A}\boldsymbol{x}") == "𝐱𝐀𝒙"
    assert "text-align: -webkit-right" in plain(r"a &= b \\ &= c")


@pytest.mark.parametrize("tex", [r"x \tag{7}", r"\color{red} x", r"\begin{array}{c} a \\ \hline b \end{array}"])
def test_what_would_vanish_is_refused(tex):
    with pytest.raises(TexError, match="would not be shown"):
        mathml(tex, True, MACROS, {})


def test_many_formulas_cost_one_process(monkeypatch):
    calls, run = [], texmath.run
    monkeypatch.setattr(texmath, "run", lambda formulas: calls.append(len(formulas)) or run(formulas))
    made = texmath.convert([(f"x_{{{n}}}", bool(n % 2)) for n in range(500)])
    assert calls == [500]
    assert len(made) == 500
    assert all(made[f"x_{{{n}}}", bool(n % 2)].count(f">{n}<") == 1 for n in range(500))

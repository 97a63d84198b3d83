"""Formulas become MathML; what cannot be shown is refused."""

import xml.etree.ElementTree as ET

import pytest
from mathml import TexError, expand, mathml

MACROS = {r"\E": (r"\mathbb{E}_{#1}", 1), r"\pol": (r"\pi_{\theta}", 0), r"\pair": ("(#1,#2)", 2), r"\loop": (r"\loop", 0)}
PAIRS = tuple(sorted(MACROS.items()))


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
        (r"\frac{1}{2", "braces"),
        (r"\nope + 1", "nobody defined"),
        (r"\left( x", "do not match"),
        (r"\begin{matrix} x", "do not match"),
        (r"\E", "lacks an argument"),
        (r"\loop", "without end"),
        (r"a &= b", "alignment"),
    ],
)
def test_bad_formulas_are_refused(tex, why):
    with pytest.raises(TexError, match=why):
        mathml(tex, True, PAIRS)


def test_the_element_is_xml_with_the_source_as_alternative():
    root = ET.fromstring(mathml(r"a < \frac{\pol}{2}", False, PAIRS))
    assert root.attrib["alttext"] == r"a < \frac{\pol}{2}"
    assert root.attrib["display"] == "inline"
    assert [element.tag.rpartition("}")[2] for element in root.iter()].count("mfrac") == 1

"""The font of the formulas: small, with the MATH table, with every sign that a page shows, and in use."""

import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from tools.mathfont import DRAWN_AS, FAMILY, FONT, MOST_BYTES, PLAIN, STYLED, thin

ROOT = Path(__file__).parent.parent
HTML = ROOT / "build" / "html"
CHAPTER = HTML / "policy-optimization" / "direct-alignment.html"
MATH = re.compile(r"<math\b.*?</math>", re.S)
LETTER = re.compile(r"<mi>([A-Za-zα-ωϑϕϖϰϱϵ])</mi>")
SLANTED = {
    "h": "ℎ",
    "ϵ": "\U0001d716",
    "ϑ": "\U0001d717",
    "ϰ": "\U0001d718",
    "ϕ": "\U0001d719",
    "ϱ": "\U0001d71a",
    "ϖ": "\U0001d71b",
}


@pytest.fixture(scope="module")
def font():
    with TTFont(FONT) as font:
        yield font


def slanted(letter: str) -> str:
    """What browsers show for a variable of one letter."""
    if letter in SLANTED:
        return SLANTED[letter]
    for first, start in (("a", 0x1D44E), ("A", 0x1D434), ("α", 0x1D6FC)):
        if first <= letter <= chr(ord(first) + 25):
            return chr(start + ord(letter) - ord(first))
    raise AssertionError(letter)


def shown(page: str) -> set[str]:
    """All characters of a page's formulas, as they stand and as they are drawn."""
    formulas = "".join(MATH.findall(page))
    letters = {slanted(letter) for letter in LETTER.findall(formulas)}
    return letters | set(unescape(re.sub(r"<[^>]*>", "", formulas))) - {"\n"}


def test_what_is_shown():
    page = (
        '<p>ß</p><math alttext="Ж"><mi>x</mi><mi>h</mi><mi>θ</mi><mi mathvariant="normal">Δ</mi><mo>&lt;</mo><mi>ln</mi></math>'
    )
    assert shown(page) == set("xhθΔ<ln") | {"𝑥", "ℎ", "𝜃"}
    assert slanted("ω") == "𝜔" and slanted("Z") == "𝑍" and slanted("ϵ") == "𝜖"


def test_every_second_size():
    assert thin([0, 1, 2, 3, 4, 5, 6]) == [0, 1, 3, 5]
    assert thin([0, 1]) == [0, 1]


def test_it_is_small_and_has_its_own_name(font):
    assert FONT.stat().st_size <= MOST_BYTES
    assert {record.toUnicode() for record in font["name"].names if record.nameID == 1} == {FAMILY}
    assert "GUST Font License" in font["name"].getDebugName(0)
    assert "GUST Font License" in (FONT.parent / "README").read_text("utf-8")


def test_it_can_set_formulas(font):
    """The MATH table, larger brackets and sums, wide accents, and all letters that were asked for."""
    cmap, table = font.getBestCmap(), font["MATH"].table
    high, wide = table.MathVariants.VertGlyphCoverage.glyphs, table.MathVariants.HorizGlyphCoverage.glyphs
    assert table.MathConstants.AxisHeight.Value > 0
    assert {cmap[ord(sign)] for sign in "()[]{}|‖⌊⌋⌈⌉⟨⟩√∑∏∫"} <= set(high)
    assert {cmap[ord(sign)] for sign in "^~¯‾_⏞⏟→"} <= set(wide)
    wanted = {*map(ord, PLAIN), *(char for block in STYLED for char in block), *DRAWN_AS}
    gaps = {
        0x1D455,
        0x1D49D,
        0x1D4A0,
        0x1D4A1,
        0x1D4A3,
        0x1D4A4,
        0x1D4A7,
        0x1D4A8,
        0x1D4AD,
    }  # Unicode has these letters elsewhere
    gaps |= {0x1D53A, 0x1D53F, 0x1D545, 0x1D547, 0x1D548, 0x1D549, 0x1D551}
    assert wanted - set(cmap) == gaps


@pytest.mark.book
def test_every_sign_of_the_book_is_in_it(font):
    cmap, missing = font.getBestCmap(), {}
    pages = sorted(HTML.rglob("*.html"))
    assert pages
    for page in pages:
        if lacking := {char for char in shown(page.read_text("utf-8")) if ord(char) not in cmap}:
            missing[page.relative_to(HTML).as_posix()] = sorted(lacking)
    assert missing == {}


@pytest.mark.book
@pytest.mark.browser
def test_a_browser_loads_and_uses_it():
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("Chromium is missing")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page()
        tab.goto(CHAPTER.as_uri())
        loaded = tab.evaluate("document.fonts.ready.then(all => [...all].map(one => one.family + ' ' + one.status))")
        session = tab.context.new_cdp_session(tab)
        session.send("DOM.enable")
        session.send("CSS.enable")
        top = session.send("DOM.getDocument")["root"]["nodeId"]
        found = session.send("DOM.querySelectorAll", {"nodeId": top, "selector": "article div.math math :is(mi, mn, mo)"})[
            "nodeIds"
        ]
        fonts = [session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"] for node in found[:200]]
        browser.close()
    assert [one.replace('"', "") for one in loaded] == [f"{FAMILY} loaded"]
    assert fonts
    assert {(one["familyName"], one["isCustomFont"]) for some in fonts for one in some} == {(FAMILY, True)}

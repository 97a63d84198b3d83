"""Make the font of the formulas: `python -m tools.mathfont FONT.otf`, from TeX Gyre Pagella Math (docs/_static/fonts/README).

It keeps the characters that the book's mathematics can need, with their larger sizes and the MATH table that browsers ask for
lengths. The same source and the same versions of fonttools and brotli give the same bytes.
"""

import io
import sys
from itertools import chain
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
FONT = ROOT / "docs" / "_static" / "fonts" / "book-math.woff2"
FAMILY = "Book Math"
MOST_BYTES = 55_000

GREEK = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρςστυφχψωϑϕϖϰϱϵ"
MARKS = "¬±×÷·°′″‴†‡…⋯⋮⋱‖¯´`˙¨ˆˇ˘‐–—‘’“”"
BLANKS = "\u00a0\u2002\u2003\u2004\u2005\u2006\u2009\u200a\u2061\u2062\u2063\u2064"  # spaces, and operators that are not shown
ARROWS = "←↑→↓↔⇐⇒⇔↦↩↪⟵⟶⟷⟸⟹⟺⟼↗↘⇌"
SIGNS = "ℏℓ℘ℑℜ∀∂∃∅∇∈∉∋∏∐∑−∓∖∗∘√∝∞∠∣∤∥∧∨∩∪∫∬∮∴∶∼≁≃≅≈≍≔≜≝≠≡≢≤≥≦≧≪≫≮≯≺≻⪯⪰≼≽⊂⊃⊆⊇⊊⊎⊏⊑⊓⊔⊕⊖⊗⊘⊙⊢⊣⊤⊥⊨⋀⋁⋂⋃⋄⋅⋆⩽⩾⨁⨂□△▽○∎"
FENCES = "⌈⌉⌊⌋⟨⟩⟦⟧⏞⏟⎴⎵"
PLAIN = "".join(map(chr, range(0x20, 0x7F))) + GREEK + MARKS + BLANKS + ARROWS + SIGNS + FENCES
STYLED = [
    range(0x1D434, 0x1D468),  # italic
    range(0x1D6E2, 0x1D71C),
    range(0x1D400, 0x1D434),  # bold
    range(0x1D7CE, 0x1D7D8),
    range(0x1D538, 0x1D552),  # double-struck capitals, and zero and one
    range(0x1D7D8, 0x1D7DA),
    range(0x1D49C, 0x1D4B6),  # script capitals
]
LETTERLIKE = "ℂℍℕℙℚℝℤℬℰℱℋℐℒℳℛℎıȷ"  # what the blocks above leave out
DRAWN_AS = {  # two characters, one drawing
    **dict(zip(map(ord, GREEK[24:49]), range(0x1D6FC, 0x1D715), strict=True)),  # browsers slant small Greek letters anyway
    **dict(zip(map(ord, "ϵϑϰϕϱϖ"), range(0x1D716, 0x1D71C), strict=True)),
    **dict(zip(range(0x1D6C2, 0x1D6DB), range(0x1D736, 0x1D74F), strict=True)),  # bold ones too, so that one drawing serves
    **dict(zip(range(0x1D71C, 0x1D735), range(0x1D6A8, 0x1D6C1), strict=True)),  # bold capitals, the other way round
    ord("^"): ord("ˆ"),  # over a letter, where formulas have them
    ord("~"): ord("˜"),
    ord("‾"): ord("¯"),
}
FEW_SIZES = "\\∬∮⟦⟧⎴⎵↑↓⇑⇓⇕↕↖↗↘↙"  # larger ones would cost more than they are worth
GROWS_AS = {"ˆ": "\u0302", "˜": "\u0303", "¯": "\u0305", "_": "\u0332", "ˇ": "\u030c"}  # as their combining twins do
PRIMES = "′″‴"  # formulas raise them; most browsers do not take by themselves (`ssty`) the drawing that is made for that
FEATURES = ["dtls"]  # letters without dot below accents


def thin(records: list[Any]) -> list[Any]:
    """Of seven sizes the first, and every second."""
    return records[:1] + records[1::2] if len(records) > 3 else records


def prepare(font: TTFont) -> None:
    """Before the cut: wide accents, and no size that would keep glyphs for little."""
    cmap = font.getBestCmap()
    variants = font["MATH"].table.MathVariants
    wide = dict(zip(variants.HorizGlyphCoverage.glyphs, variants.HorizGlyphConstruction, strict=True))
    for spacing, combining in GROWS_AS.items():
        name, grown = cmap[ord(spacing)], wide[cmap[ord(combining)]]
        first, *_ = grown.MathGlyphVariantRecord
        first.VariantGlyph, first.AdvanceMeasurement = name, font["hmtx"][name][0]
        wide[name] = grown
        del wide[cmap[ord(combining)]]
    names = sorted(wide, key=font.getGlyphID)
    variants.HorizGlyphCoverage.glyphs = names
    variants.HorizGlyphConstruction = [wide[name] for name in names]
    variants.HorizGlyphCount = len(names)
    few = {cmap[ord(sign)] for sign in FEW_SIZES}
    high = zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True)
    for name, one in chain(high, wide.items()):
        one.MathGlyphVariantRecord = one.MathGlyphVariantRecord[:2] if name in few else thin(one.MathGlyphVariantRecord)
        one.VariantCount = len(one.MathGlyphVariantRecord)


def for_scripts(font: TTFont, sign: str) -> str:
    """The drawing of `sign` that stands right when it is small and raised."""
    table = font["GSUB"].table
    lookups = chain.from_iterable(
        one.Feature.LookupListIndex for one in table.FeatureList.FeatureRecord if one.FeatureTag == "ssty"
    )
    subtables = chain.from_iterable(table.LookupList.Lookup[n].SubTable for n in lookups)
    name = font.getBestCmap()[ord(sign)]
    return str(next(one.alternates[name][0] for one in subtables if name in one.alternates))


def cut(source: Path) -> TTFont:
    """The wanted part of the font in `source`."""
    options = subset.Options(
        layout_features=FEATURES, name_IDs=[0, 1, 2, 5], hinting=False, desubroutinize=True, notdef_outline=True
    )
    options.drop_tables += ["FFTM", "GDEF", "GPOS"]
    font = subset.load_font(str(source), options)
    prepare(font)
    cmap = font.getBestCmap()
    wanted = {*map(ord, PLAIN + LETTERLIKE), *chain(*STYLED)}
    drawn = {new: cmap[old] for new, old in DRAWN_AS.items()} | {ord(sign): for_scripts(font, sign) for sign in PRIMES}
    font["cmap"].tables = [table for table in font["cmap"].tables if (table.platformID, table.format) == (3, 12)]
    font["cmap"].tables[0].cmap |= drawn
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted | set(drawn))
    cutter.subset(font)
    return font


def name(font: TTFont) -> None:
    """A name of its own, as the licence of the original asks of changed versions."""
    for record in font["name"].names:
        if record.nameID == 0:
            record.string = f"{record.toUnicode()} This file is a changed version of a part of it, under another name."
        elif record.nameID == 1:
            record.string = FAMILY
    postscript, top = FAMILY.replace(" ", "") + "-Regular", font["CFF "].cff
    top.fontNames = [postscript]
    for key in ("FullName", "FamilyName", "Notice", "Copyright"):
        top.topDictIndex[0].rawDict.pop(key, None)
        top.topDictIndex[0].__dict__.pop(key, None)
    top.topDictIndex[0].FamilyName = FAMILY


def short(font: TTFont) -> TTFont:
    """The font with glyph names of one or two characters: nobody reads them."""
    plain = io.BytesIO()
    font.flavor = None
    font.save(plain)
    plain.seek(0)
    font = TTFont(plain, recalcTimestamp=False)
    top = font["CFF "].cff.topDictIndex[0]
    order = [".notdef", *(f"{n:x}g" for n in range(1, len(top.charset)))]
    top.CharStrings.charStrings = {new: top.CharStrings.charStrings[old] for new, old in zip(order, top.charset, strict=True)}
    top.charset = order
    font.setGlyphOrder(order)
    return font


def make(source: Path) -> bytes:
    """The font file."""
    font = cut(source)
    name(font)
    font = short(font)
    font["post"].formatType = 3.0
    font.flavor = "woff2"
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python -m tools.mathfont texgyrepagella-math.otf")
    data = make(Path(sys.argv[1]))
    if len(data) > MOST_BYTES:
        sys.exit(f"the font has {len(data):,} bytes; at most {MOST_BYTES:,} are allowed")
    FONT.parent.mkdir(exist_ok=True)
    FONT.write_bytes(data)

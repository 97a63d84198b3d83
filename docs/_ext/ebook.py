"""The EPUB: what its package says of formulas and of access for all readers, and what is not in it.

Sphinx's own builder, with two additions to the package file: each page with formulas says so, as EPUB 3 asks, and the metadata
of accessibility.
"""

import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote

from myst_nb.sphinx_ext import add_global_html_resources
from sphinx.application import Sphinx
from sphinx.builders.epub3 import Epub3Builder

OPF = "http://www.idpf.org/2007/opf"
ACCESS = (
    ("schema:accessMode", "textual"),
    ("schema:accessMode", "visual"),
    ("schema:accessModeSufficient", "textual"),
    ("schema:accessibilityFeature", "MathML"),
    ("schema:accessibilityFeature", "alternativeText"),
    ("schema:accessibilityFeature", "index"),
    ("schema:accessibilityFeature", "readingOrder"),
    ("schema:accessibilityFeature", "structuralNavigation"),
    ("schema:accessibilityFeature", "tableOfContents"),
    ("schema:accessibilityHazard", "none"),
    (
        "schema:accessibilitySummary",
        "Formulas are MathML with their TeX as alternative text; figures have an alternative text and a table of their numbers.",
    ),
)


class Ebook(Epub3Builder):
    name = "epub"
    media_types = Epub3Builder.media_types | {".woff2": "font/woff2"}  # the font of the formulas, which Sphinx would leave out

    def build_content(self) -> None:
        add_global_html_resources(self.app, None)  # the labs' style sheet: myst-nb would bring it behind the list of files
        super().build_content()
        path = Path(self.outdir) / "content.opf"
        ET.register_namespace("", OPF)
        ET.register_namespace("dc", "http://purl.org/dc/elements/1.1/")
        tree = ET.parse(path)
        package = tree.getroot()
        for name, value in ACCESS:
            ET.SubElement(package.find(f"{{{OPF}}}metadata"), f"{{{OPF}}}meta", property=name).text = value
        for item in package.iter(f"{{{OPF}}}item"):
            file = Path(self.outdir) / unquote(item.get("href"))
            if item.get("media-type") == "application/xhtml+xml" and file.exists():  # the navigation is written later
                page = file.read_text("utf-8")
                kinds = [*item.get("properties", "").split(), *(["mathml"] if "<math" in page else [])]
                item.attrib |= {"properties": " ".join(kinds)} if kinds else {}
        ET.indent(tree)
        tree.write(path, "utf-8", xml_declaration=True)


def setup(app: Sphinx) -> dict[str, object]:
    app.add_builder(Ebook, override=True)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

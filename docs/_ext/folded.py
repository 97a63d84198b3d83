"""`{folded} Title`: a part of a page that opens on demand in HTML and stands in full everywhere else, also in the EPUB."""

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective


class folded(nodes.General, nodes.Element):  # docutils names nodes in lower case
    """Holds a `summary` and what is folded."""


class summary(nodes.General, nodes.TextElement):
    """The line that stays visible."""


def fold(title: str, *content: nodes.Node, kind: str = "") -> folded:
    """A folded part with the visible line `title`; `kind` becomes its class."""
    return folded("", summary(title, title), *content, classes=[kind] if kind else [])


class Folded(SphinxDirective):
    has_content = True
    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        node = folded(classes=["folded"])
        text, messages = self.state.inline_text(self.arguments[0], self.lineno)
        node += summary(self.arguments[0], "", *text)
        self.set_source_info(node)
        node += self.parse_content_to_nodes()
        return [node, *messages]


class HiddenCells(SphinxPostTransform):
    """What a lab page hides of its code folds as all else does (myst-nb puts a paragraph into the summary)."""

    default_priority = 950  # behind myst-nb's own
    formats = ("html",)

    def run(self, **options: object) -> None:
        for node in list(self.document.findall(HideCodeCellNode)):
            node.replace_self(fold("Code of this step", *node.children, kind="cell-code"))


def element(tag: str, in_book: str, name: str = ""):
    """Visitors that write `tag`, or in the EPUB, where nothing folds, `in_book`; `name` is a class that tells it from others."""

    def visit(self, node: nodes.Element) -> None:
        epub = self.builder.name == "epub"
        self.body.append(self.starttag(node, in_book if epub else tag, "", CLASS=name if epub or tag == "details" else ""))

    def depart(self, node: nodes.Element) -> None:
        self.body.append(f"</{in_book if self.builder.name == 'epub' else tag}>\n")

    return visit, depart


def _bold(self, node: nodes.Element) -> None:
    self.body.append("\n\\par\\noindent\\textbf{")


def _bold_end(self, node: nodes.Element) -> None:
    self.body.append("}\\par\\nopagebreak\n")


def _pass(self, node: nodes.Element) -> None:
    pass


def _line_start(self, node: nodes.Element) -> None:
    self.new_state(0)


def _line_end(self, node: nodes.Element) -> None:
    self.end_state(wrap=False)


def setup(app: Sphinx) -> dict[str, object]:
    app.add_node(folded, html=element("details", "div", "folded"), latex=(_pass, _pass), text=(_pass, _pass))
    app.add_node(summary, html=element("summary", "p", "summary"), latex=(_bold, _bold_end), text=(_line_start, _line_end))
    app.add_directive("folded", Folded)
    app.add_post_transform(HiddenCells)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

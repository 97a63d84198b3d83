"""How the figures of the labs look: one size of letters, a white ground that stays readable in a dark page, and lines
that differ in lightness, dash and marker as well as in colour, so that they survive grey print and colour blindness.

    figure, axes = style.figure()                # one panel
    figure, (left, right) = style.figure(1, 2)   # two panels side by side
    figure.data_table = (("seed", "gap"), [(0, 0.1), (1, 0.2)])   # `{lab-figure}` shows it folded below the figure

A figure that ends a notebook cell is shown as SVG on a page and as PDF on paper; `Table(header, rows)` that ends a cell is
shown as a table.
"""

import base64
import io
from collections.abc import Sequence
from typing import Any

import matplotlib
from cycler import cycler
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

BLUE, RED, OCHRE, SKY, GREY = "#00366e", "#a8324e", "#a87400", "#4f93c4", "#6b6b6b"
COLOURS = (BLUE, RED, OCHRE, SKY, GREY)  # dark to light: at least 3:1 on white
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "x")
INK = "#1f1f1f"
WIDTH = 6.4  # inches; the measure of the page is 46rem, that of the PDF 6.3 inches
NARROW = 4.4  # inches: panels one above the other, whose letters stay 10 pixels high on a phone of 360 pixels

RC: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same letters everywhere
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "axes.prop_cycle": cycler(color=COLOURS, linestyle=DASHES),
    "svg.hashsalt": "reasoning-llms-and-rl",  # the same picture gives the same file
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "figure.dpi": 96,
}


def use() -> None:
    """Make every figure of this process look like this."""
    matplotlib.rcParams.update(RC)


class LabFigure(Figure):
    """A figure that shows itself in a notebook without pyplot."""

    data_table: tuple[Sequence[str], Sequence[Sequence[Any]]] | None = None

    def picture(self, kind: str) -> bytes:
        """The figure as `svg` or `pdf`: the same bytes for the same figure."""
        undated = {"svg": {"Date": None, "Creator": None}, "pdf": {"CreationDate": None, "Creator": None, "Producer": None}}
        file = io.BytesIO()
        with matplotlib.rc_context(RC):
            self.savefig(file, format=kind, metadata=undated[kind])
        return file.getvalue()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        pdf = base64.b64encode(self.picture("pdf")).decode()
        return {"image/svg+xml": self.picture("svg").decode(), "application/pdf": pdf, "text/plain": "a figure"}


class Table:
    """Numbers that a notebook shows as a table."""

    def __init__(self, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.header, self.rows = tuple(header), [tuple(row) for row in rows]

    def _repr_markdown_(self) -> str:
        rows = [self.header, ["---"] * len(self.header), *([cell(value) for value in row] for row in self.rows)]
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)

    def __repr__(self) -> str:
        return "\n".join("  ".join(cell(value) for value in row) for row in [self.header, *self.rows])


def cell(value: Any) -> str:
    """A number with four digits that count; words as they are."""
    if isinstance(value, (str, bool, int)):
        return str(value)
    return f"{float(value):.4g}".replace("-", "\N{MINUS SIGN}")


def figure(rows: int = 1, columns: int = 1, *, width: float = WIDTH, height: float | None = None, **options: Any) -> Any:
    """A figure and its axes (one, a list, or a grid of them, as `subplots` gives them); `options` go to `subplots`."""
    use()
    made = LabFigure(figsize=(width, height or 0.62 * width / columns * rows), layout="constrained")
    FigureCanvasAgg(made)
    return made, made.subplots(rows, columns, **options)

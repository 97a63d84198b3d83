"""Settings of the Sphinx build; the behaviour is in `_ext` (our extensions) and in the press (`tools`)."""

import os
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from tools.source import read  # noqa: E402  # after the path is set

BOOK = read(HERE / "data" / "book.yaml", "docs/data/book.yaml")[0].value

project = BOOK["title"]
author = BOOK["author"][0]["literal"]
copyright = f"{BOOK['issued'][:4]}, {author}; text {BOOK['license']}, code {BOOK['code-license']}"
version = release = BOOK["edition"]
html_title = "Reasoning LLMs and RL"
html_baseurl = os.environ.get("READTHEDOCS_CANONICAL_URL", BOOK.get("base-url", ""))
language = "en"

extensions = [
    "myst_nb",  # MyST Markdown, and pages that run: the labs
    "sphinx_design",
    "sphinxcontrib.bibtex",
    "references",  # author-year citations, a reference list on each page; loads bibindex and citestyle
    "chapter",  # meta line, notice of an outline, objectives
    "tables",  # row headers, filters and sorting of the generated tables
    "welcome",  # counts and reading paths of the welcome page
    "mathml",  # formulas become MathML at build time
    "labcode",  # lab modules on the path of the pages, one thread; notebooks run again when a module changed
    "labfigure",  # {lab-figure}: what a lab draws
    "labzip",  # a lab's meta line, and its notebook with modules to take away
    "worked",  # {worked}: numbers that are computed, not typed
    "equations",  # the mark of tested equations, and the list of all
    "exercises",
    "quiz",
    "takeaway",  # what to download: of each chapter, of the book
    "website",  # where to report an error, the feed, stubs of moved pages
    "previews",  # of terms, citations and equations
    "sphinx_last_updated_by_git",
    "notfound.extension",
    "sphinxext.opengraph",
    "ebook",  # what the EPUB says of itself
    "paper",  # parts, title page, list of labs, index: what the PDF has
]

exclude_patterns = ["_generated/**", "data/**", "_ext/**", "labs/worked/**", "exercises/**", "_paper/**"]
nitpicky = True
numfig = True  # figures and tables have numbers, on the screen as on paper
math_numfig = False  # equations are numbered within a page
smartquotes_action = "q"  # titles in the data keep their dashes and dots

myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath", "amsmath", "fieldlist"]
myst_heading_anchors = 4
myst_title_to_header = True

nb_execution_mode = "cache"  # labcode sets the folder
nb_execution_timeout = 300  # seconds for one cell
nb_execution_show_tb = True
nb_merge_streams = True
nb_render_markdown_format = "myst"
nb_mime_priority_overrides = [("html", "image/svg+xml", 1), ("latex", "application/pdf", 1), ("*", "text/markdown", 5)]
suppress_warnings = [
    "mystnb.unknown_mime_type",  # the picture in the format that another output wants
    "git.subprocess_error",  # no history (an archive, no git): no dates
    "git.too_shallow",
]

bibtex_bibfiles = ["../references.bib"]
bibtex_default_style = "book"
bibtex_reference_style = "book"
bibtex_tooltips = False

html_math_renderer = "mathml"

html_theme = "furo"
html_static_path = ["_static"]
templates_path = ["_templates"]
html_favicon = "_static/favicon.svg"
html_last_updated_fmt = "%Y-%m-%d"
html_copy_source = html_show_sourcelink = False  # the repository has them
html_show_search_summary = False  # it would fetch each page, which file:// forbids
html_theme_options = (
    {
        "source_repository": BOOK.get("repository-url", ""),
        "source_branch": "main",
        "source_directory": "docs/",
    }
    if "repository-url" in BOOK
    else {}
)
git_last_updated_timezone = "UTC"
notfound_urls_prefix = urlsplit(html_baseurl).path or "/"
ogp_site_name = BOOK["title"]
ogp_social_cards = {"enable": False}
ogp_enable_meta_description = True
if html_baseurl:
    extensions += ["sphinx_sitemap"]
    sitemap_url_scheme = "{link}"
    sitemap_show_lastmod = True
    ogp_site_url = ogp_canonical_url = html_baseurl
html_css_files = ["book.css", "tables.css"]
html_js_files = [("tables.js", {"defer": "defer"})]

# The PDF. LuaLaTeX: it has a fallback for letters that a font lacks, and says what none has.
latex_engine = "lualatex"
latex_documents = [("index", "book.tex", BOOK["title"], author, "manual")]
latex_additional_files = ["_paper/book.sty"]
latex_use_xindy = False
latex_show_urls = "no"
latex_table_style = ["booktabs", "colorrows"]
latex_domain_indices = False
latex_elements = {
    "papersize": os.environ.get("BOOK_PAPER", "a4paper"),  # or letterpaper
    "pointsize": "11pt",
    "extraclassoptions": "openany,oneside",
    "fncychap": "",
    "babel": r"\usepackage[english]{babel}",
    "fontpkg": r"""
\usepackage{unicode-math}
\directlua{luaotfload.add_fallback("book",
  {"FreeSerif:mode=node;", "DejaVuSans:mode=node;", "DroidSansFallback:mode=node;", "Symbola:mode=node;"})}
\setmainfont{TeX Gyre Pagella}[RawFeature={fallback=book}]
\setsansfont{TeX Gyre Heros}[Scale=MatchLowercase,RawFeature={fallback=book}]
\setmonofont{DejaVu Sans Mono}[Scale=0.82,RawFeature={fallback=book}]
\setmathfont{TeX Gyre Pagella Math}
""",
    "sphinxsetup": "hmargin={1in,1in},vmargin={1in,1in},verbatimforcewraps=true,verbatimwithframe=false,"
    "TitleColor={HTML}{00366E},InnerLinkColor={HTML}{00366E},OuterLinkColor={HTML}{00366E},VerbatimColor={HTML}{F5F5F5}",
    "printindex": r"\footnotesize\raggedright\printindex",
}

# The EPUB
epub_basename = "reasoning-llms-and-rl"
epub_description = BOOK["subtitle"]
epub_contributor = author
epub_publisher = author
epub_identifier = epub_uid = f"book-{uuid.uuid5(uuid.NAMESPACE_URL, BOOK['title'] + ' ' + BOOK['edition'])}"
epub_scheme = "UUID"
epub_show_urls = "no"
epub_use_index = True
epub_tocdup = False
epub_css_files = ["epub.css"]
epub_exclude_files = ["search.html", "_static/opensearch.xml", "_static/fonts/README", ".buildinfo.bak"]

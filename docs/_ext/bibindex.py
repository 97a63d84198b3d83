"""sphinxcontrib-bibtex without its quadratic scans: the same output, byte for byte, in linear time.

The domain of sphinxcontrib-bibtex 2.7 keeps two flat lists, all citations (works in bibliographies) and all references
(places in the text). Each of its scans is left as it is, but sees only the part of a list that it can select:

| stock code scans                   | each time                        | sees here                               |
|------------------------------------|----------------------------------|-----------------------------------------|
| `resolve_xref`, `resolve_any_xref` | all citations, each reference    | citations of the keys referred to       |
| `get_filtered_entries`             | all references, each entry       | references to this entry                |
| `get_all_cited_keys`               | all documents, each reference    | a table of the documents' positions     |
| `BibliographyTransform.run`        | both lists, each entry           | its citations, its document's references |
| pybtex's `find_plugin`             | all packages' metadata, each use | what the first look-up of a name found  |

Formatted texts stay in the environment, by a hash of entry, style sources and versions. What fails is never kept.
"""

import functools
import hashlib
import importlib.metadata
import inspect
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pybtex.plugin
from pybtex.richtext import BaseText
from pybtex.style import FormattedEntry
from pybtex.style.formatting import BaseStyle
from sphinxcontrib.bibtex.citation_target import parse_citation_targets
from sphinxcontrib.bibtex.domain import BibtexDomain
from sphinxcontrib.bibtex.nodes import bibliography as bibliography_node
from sphinxcontrib.bibtex.transforms import BibliographyTransform

VERSIONS = [importlib.metadata.version(name) for name in ("pybtex", "latexcodec", "sphinxcontrib-bibtex")]
entry_points = functools.cache(importlib.metadata.entry_points)  # a process has one set of installed packages


def table(items, keys) -> dict[object, list]:
    """Items by each of their keys, in order."""
    found = {}
    for item in items:
        for key in keys(item):
            found.setdefault(key, []).append(item)
    return found


@functools.cache
def fingerprint(style: type[BaseStyle]) -> str | None:
    """What a style's texts depend on besides the entry; None where its source cannot be read (a class of conf.py)."""
    try:
        files = {inspect.getfile(cls) for cls in [*style.__mro__, *type(style().name_style).__mro__] if cls is not object}
        sources = [Path(file).read_bytes() for file in sorted(files)]
    except (TypeError, OSError):
        return None
    return hashlib.sha256(repr((style.__qualname__, VERSIONS, sources)).encode()).hexdigest()


class IndexedBibtexDomain(BibtexDomain):
    """The cite domain; inside ``with self.seeing(...)`` its lists are the given parts of themselves."""

    seen: Mapping = {}
    citations = property(lambda self: self.seen.get("citations", self.data["citations"]))
    citation_refs = property(lambda self: self.seen.get("citation_refs", self.data["citation_refs"]))
    bibliographies = property(lambda self: self.seen.get("bibliographies", self.data["bibliographies"]))

    @contextmanager
    def seeing(self, **parts):
        before, self.seen = self.seen, self.seen | parts
        try:
            yield
        finally:
            self.seen = before

    def of(self, keys):
        """The citations of these keys, in the order of the whole list."""
        found = dict(pair for key in keys for pair in self.tables.citations.get(key, ()))
        return [found[place] for place in sorted(found)]

    def env_updated(self):
        self.kept, self.data["formatted"] = self.data.get("formatted"), {}
        self.kept = self.kept if isinstance(self.kept, dict) else {}
        self.tables = SimpleNamespace(refs_in=table(self.citation_refs, lambda ref: [ref.docname]))
        self.tables.refs = table(self.citation_refs, lambda ref: {target.key for target in ref.targets})
        documents = super().env_updated()
        self.tables.citations = table(enumerate(self.citations), lambda pair: [pair[1].key])
        self.tables.citations_in = table(self.citations, lambda citation: [citation.bibliography_key])
        return documents

    def resolve_xref(self, env, fromdocname, builder, typ, target, node, contnode):
        with self.seeing(citations=self.of(part.key for part in parse_citation_targets(target))):
            return super().resolve_xref(env, fromdocname, builder, typ, target, node, contnode)

    def resolve_any_xref(self, env, fromdocname, builder, target, node, contnode):
        with self.seeing(citations=self.of(key.strip() for key in target.split(","))):
            return super().resolve_any_xref(env, fromdocname, builder, target, node, contnode)

    def get_entries(self, bibfiles):
        return self.seen["entries"] if "entries" in self.seen else super().get_entries(bibfiles)

    def get_filtered_entries(self, bibliography_key):
        bibliography = self.bibliographies[bibliography_key]
        for entry in super().get_entries(bibliography.bibfiles):
            with self.seeing(entries=[entry], citation_refs=self.tables.refs.get(bibliography.keyprefix + entry.key, [])):
                yield from super().get_filtered_entries(bibliography_key)

    def get_all_cited_keys(self, docnames):
        return super().get_all_cited_keys(SimpleNamespace(index={name: n for n, name in enumerate(docnames)}.__getitem__))

    def get_formatted_entries(self, bibliography_key, docnames, tooltips, tooltips_style):
        tooltips_style = tooltips and tooltips_style and self.keeping(tooltips_style)
        stock = self.bibliographies[bibliography_key]
        with self.seeing(bibliographies={bibliography_key: stock._replace(style=self.keeping(stock.style))}):
            yield from super().get_formatted_entries(bibliography_key, docnames, tooltips, tooltips_style)

    def keeping(self, name: str) -> type[BaseStyle]:
        """The style of this name, keeping what it formats (pybtex takes a class where it takes a name)."""
        style = pybtex.plugin.find_plugin("pybtex.style.formatting", name)
        labelled = style.format_entry is not BaseStyle.format_entry  # else the text cannot depend on the label

        def format_entry(this, label, entry, bib_data=None):
            digest = hashlib.sha256(repr((fingerprint(style), entry.key, entry, labelled and label)).encode()).digest()
            text = self.kept.get(digest)
            if not isinstance(text, BaseText) or fingerprint(style) is None:
                text = style.format_entry(this, label, entry, bib_data).text
            self.data["formatted"][digest] = self.kept[digest] = text
            return FormattedEntry(entry.key, text, label)

        return type(style.__name__, (style,), {"format_entry": format_entry})


class IndexedBibliographyTransform(BibliographyTransform):
    def run(self, **kwargs):
        """Each bibliography by itself: the stock code reads nothing else of the document."""
        document, domain = self.document, self.env.get_domain("cite")
        for node in list(document.findall(bibliography_node)):
            key = (node["docname"], node["ids"][0])
            self.document = SimpleNamespace(settings=document.settings, findall=lambda _, node=node: [node])
            refs = domain.tables.refs_in.get(key[0], [])
            with domain.seeing(citations=domain.tables.citations_in.get(key, []), citation_refs=refs):
                super().run(**kwargs)


def setup(app):
    app.setup_extension("sphinxcontrib.bibtex")
    app.add_domain(IndexedBibtexDomain, override=True)
    transforms = app.registry.post_transforms
    transforms[transforms.index(BibliographyTransform)] = IndexedBibliographyTransform
    pybtex.plugin.entry_points = entry_points
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

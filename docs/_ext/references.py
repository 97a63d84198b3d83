"""Lists of references, in every format: at the end of each page that cites, and of all works with the pages that cite them.

A page that cites gets a last section "References", or has it where ``{chapter-references}`` stands: the works cited
there, with links back to the places. Citations link to the list of their own page, which is so whole by itself. The
``{bibliography}`` of all works (there is one) becomes such a list and names the pages that cite a work.

All is plain docutils nodes: a page is read with an empty list, which is filled when its format is written. Pages that
show a work or a title that changed are written again. In HTML, the class `visually-hidden` must hide from sight only.
"""

import hashlib
from collections import defaultdict

from citestyle import list_item
from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinxcontrib.bibtex.domain import get_docnames
from sphinxcontrib.bibtex.nodes import bibliography


class ChapterReferences(SphinxDirective):
    """The place of the page's list, where that is not the end."""

    def run(self):
        return [nodes.bullet_list(classes=["references"], citing=self.env.docname)]


class AddSection(SphinxTransform):
    """The section of a page that cites: at the page's end, or in the author's place, beside the section that ends there."""

    default_priority = 700  # after all roles and directives, before tables of contents are collected (880)

    def apply(self, **kwargs):
        cites = any(node.get("refdomain") == "cite" for node in self.document.findall(addnodes.pending_xref))
        lists = [node for node in self.document.findall(nodes.bullet_list) if "citing" in node]
        if cites and not lists:
            pages = [node for node in self.document.children if isinstance(node, nodes.section)]
            lists = ChapterReferences.run(self)
            (pages or [self.document])[-1].append(lists[0])
        if cites and not any(self.document.findall(bibliography)):
            self.place(lists.pop(0))
        for node in lists:
            node.parent.remove(node)

    def place(self, listing):
        parent, index = listing.parent, listing.parent.index(listing)
        parent.remove(listing)
        while index == len(parent) and isinstance(parent.parent, nodes.section):
            parent, index = parent.parent, parent.parent.index(parent) + 1
        section = nodes.section("", nodes.title("", "References"), listing, names=["references"])
        parent.insert(index, section)
        self.document.note_implicit_target(section, section)


class FillBibliography(SphinxPostTransform):
    """The list of all works, for citation nodes have deprecated roles in HTML and are gathered by LaTeX."""

    default_priority = 4  # before sphinxcontrib-bibtex fills it (5) and links are resolved (10)

    def run(self, **kwargs):
        domain, order = self.env.get_domain("cite"), {}
        for node in list(self.document.findall(bibliography)):
            key = (node["docname"], node["ids"][0])
            if domain.bibliographies[key].list_ != "citation":
                continue
            order = order or {docname: place for place, docname in enumerate(get_docnames(self.env))}
            items = nodes.bullet_list(classes=["references"], ids=node["ids"])
            for citation in domain.tables.citations_in.get(key, []):
                item = list_item(citation, self.app.builder)
                citing = {ref.docname for ref in domain.tables.refs.get(citation.key, [])} - {key[0]}
                item[0] += sentence("Cited in:", [page_link(page, key[0]) for page in sorted(citing, key=order.get)])
                items += item
            node.replace_self(items if len(items) else nodes.target())


class FillSections(SphinxPostTransform):
    default_priority = 60  # after links are resolved (10) and what other formats show is dropped (50)

    def run(self, **kwargs):
        domain, builder, places = self.env.get_domain("cite"), self.app.builder, defaultdict(lambda: defaultdict(list))
        headings = {id(link) for title in self.document.findall(nodes.title) for link in title.findall(nodes.reference)}
        for link in self.document.findall(lambda node: isinstance(node, nodes.reference) and "citekey" in node):
            back = places[link["citing"]][link["citekey"]]
            if id(link) not in headings:  # LaTeX keeps no ids there
                link["ids"].append(f"cite-{nodes.make_id(link['citekey'])}-{len(back) + 1}")
                back.append(link["ids"][-1])
        for listing in list(self.document.findall(lambda node: isinstance(node, nodes.bullet_list) and "citing" in node)):
            cited = places[listing["citing"]]
            for citation in listed(domain, domain.of(cited)).values():
                item = list_item(citation, builder)
                back, label = enumerate(cited[citation.key], 1), citation.formatted_entry.label
                item[0] += sentence("Cited:", [back_link(number, place, label, builder) for number, place in back])
                listing += item
            if not cited:
                listing.parent.parent.remove(listing.parent)


def listed(domain, citations) -> dict:
    """By key, the citations that the text refers to: sphinxcontrib-bibtex passes over bulleted bibliographies."""
    return {work.key: work for work in citations if domain.bibliographies[work.bibliography_key].list_ == "citation"}


def sentence(opening: str, links: list) -> list[nodes.inline]:
    """The last sentence of an entry, if there are links to make it of."""
    commas = [part for link in links for part in (nodes.Text(", "), link)][1:]
    whole = nodes.inline("", "", nodes.Text(f" {opening} "), *commas, nodes.Text("."), classes=["backlinks"])
    return [whole] if links else []


def page_link(docname: str, fromdocname: str) -> addnodes.pending_xref:
    known = {"refdomain": "std", "reftype": "doc", "reftarget": "/" + docname, "refdoc": fromdocname}
    return addnodes.pending_xref("", nodes.inline("", docname), refexplicit=False, **known)


def back_link(number: int, target: str, label: str, builder) -> nodes.reference:
    """A number to see; to hear, "Back to citation 1 of Schulman et al. 2017"."""
    spoken = [nodes.inline("", part, classes=["visually-hidden"]) for part in ("Back to citation ", f" of {label}")]
    parts = [spoken[0], nodes.Text(str(number)), spoken[1]] if builder.format == "html" else [nodes.Text(str(number))]
    return nodes.reference("", "", *parts, internal=True, refid=target)


def changed_pages(app, env):
    """The pages whose lists would now show something else than when they were last written."""
    domain, shown = env.get_domain("cite"), defaultdict(list)
    works = {key: repr(vars(work.formatted_entry)) for key, work in listed(domain, domain.citations).items()}
    for docname, refs in domain.tables.refs_in.items():
        shown[docname] += [works.get(target.key) for ref in refs for target in ref.targets]
    for key, citations in domain.tables.citations_in.items():
        for work in citations:
            titles = {env.titles[ref.docname].astext() for ref in domain.tables.refs.get(work.key, [])}
            shown[key.docname] += [repr(vars(work.formatted_entry)), *sorted(titles)]
    shown = {docname: hashlib.sha256(repr(parts).encode()).hexdigest() for docname, parts in shown.items()}
    before, env.references_shown = getattr(env, "references_shown", {}), shown
    return [docname for docname in sorted(shown) if shown[docname] != before.get(docname)]


def setup(app):
    app.setup_extension("bibindex")
    app.setup_extension("citestyle")
    app.add_directive("chapter-references", ChapterReferences)
    app.add_transform(AddSection)
    for transform in (FillBibliography, FillSections):
        app.add_post_transform(transform)
    app.connect("env-updated", changed_pages, priority=900)  # after sphinxcontrib-bibtex's own (500)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}

"""The guide's pages, rendered from their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

from streamguide.guide.context import ContentContext
from streamguide.guide.directives import expand
from streamguide.guide.event_reference import family
from streamguide.guide.render import Heading, Rendered, render
from streamguide.guide.source import GROUPS, Group, Source, read
from streamguide.guide.try_it import try_it
from streamguide.models import Models
from streamguide.strip import draw


@dataclass(frozen=True, slots=True)
class GuidePage:
    """A page: `markdown` is the whole page, `html` its text below the title.

    `nav` is its name in the navigation, `toc` its headings of levels 2 and 3. `checked` says when
    it was checked, and with which SDKs its statements were measured. `try_it` is HTML, and empty on
    a page with nothing to try.
    """

    slug: str
    title: str
    description: str
    nav: str
    group: Group
    checked: str
    markdown: str
    html: str
    toc: tuple[Heading, ...]
    try_it: str

    @property
    def path(self) -> str:
        """The page's address on the site."""
        return f"/guide/{self.slug}"


@dataclass(frozen=True, slots=True)
class Guide:
    """The pages by slug, group by group, in the order that their files state, with their sources."""

    pages: Mapping[str, GuidePage]
    sources: Mapping[str, Source]
    context: ContentContext

    @property
    def groups(self) -> Mapping[Group, list[GuidePage]]:
        """The pages by group."""
        by_group = groupby(self.pages.values(), key=lambda page: page.group)
        return {group: list(pages) for group, pages in by_group}

    def with_models(self, models: Models) -> Guide:
        """The guide with other models; only pages whose text changes are rendered again."""
        context = replace(self.context, models=models)
        pages = {
            slug: page
            if _markdown(self.sources[slug], context) == page.markdown
            else make_page(slug, self.sources[slug], context)
            for slug, page in self.pages.items()
        }
        return Guide(MappingProxyType(pages), self.sources, context)


def load_guide(folder: Path, context: ContentContext) -> Guide:
    """Render the pages of a folder. Raises ContentError for the first invalid file."""
    sources = {path.stem: read(path) for path in folder.glob("*.md")}

    def place(slug: str) -> tuple[int, int, str]:
        front = sources[slug].front
        return GROUPS.index(front.group), front.order, slug

    pages = {slug: make_page(slug, sources[slug], context) for slug in sorted(sources, key=place)}
    return Guide(MappingProxyType(pages), sources, context)


def make_page(slug: str, source: Source, context: ContentContext) -> GuidePage:
    """Render one page. Raises ContentError."""
    families = {name: family(event) for name, event in context.table.events.items()}
    draw_strip = partial(
        draw, scenarios=context.scenarios, table=context.table, recordings=context.recordings
    )

    def html(text: str) -> Rendered:
        return render(text, context.figures, families, draw_strip)

    rendered = html(expand(source, context, "html"))
    return GuidePage(
        slug=slug,
        title=source.front.title,
        description=source.front.description,
        nav=source.front.nav,
        group=source.front.group,
        checked=_checked(source, context),
        markdown=_markdown(source, context),
        html=rendered.html,
        toc=rendered.toc,
        try_it=html(try_it(source, context, "html")).html,
    )


def _markdown(source: Source, context: ContentContext) -> str:
    body = expand(source, context, "markdown").strip()
    last = try_it(source, context, "markdown")
    parts = [
        f"# {source.front.title}",
        source.front.description,
        _checked(source, context),
        body,
        last,
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _checked(source: Source, context: ContentContext) -> str:
    sdks = " and ".join(f"{name} {version}" for name, version in context.outcomes.sdks.items())
    measured = f" Measured with {sdks}." if sdks else ""
    return f"Checked on {source.front.checked}.{measured}"

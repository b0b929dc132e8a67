"""Everything in `content/`: the site's tables, scenarios, measurements and guide.

>>> content = load_content().on(date(2026, 12, 1))
>>> content.scenarios["hello"].title
'Hello'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path

from streamguide.files import CONTENT
from streamguide.generator import fault_matrix
from streamguide.generator.fault_matrix import FaultMatrix
from streamguide.guide import clients, search
from streamguide.guide.clients import Clients
from streamguide.guide.conformance import Conformance
from streamguide.guide.context import LOCAL_URL, load_context
from streamguide.guide.pages import Guide, GuidePage, load_guide
from streamguide.library import Daily, Library, load_library


@dataclass(frozen=True, slots=True)
class Content(Library):
    """The library, with what clients were measured to do with the corpus, what programs and other
    clients were measured to do on faults, the guide, and what the search knows beside its pages."""

    conformance: Conformance
    fault_matrix: FaultMatrix
    clients: Clients
    guide: Guide
    search: search.SearchTerms

    @property
    def pages(self) -> Mapping[str, GuidePage]:
        """The guide's pages by slug."""
        return self.guide.pages

    def on(self, day: date) -> Content:
        """The content as of a day, by which some models may have retired."""
        models = self.models.on(day)
        return replace(self, models=models, guide=self.guide.with_models(models))


Today = Daily[Content]


def load_content(folder: Path = CONTENT, site_url: str = LOCAL_URL) -> Content:
    """Read and check all files, not as of any day. The guide's commands name `site_url`.

    Raises the error of the first file that is wrong.
    """
    library = load_library(folder)
    matrix = fault_matrix.load(folder / "survival.json")
    others = clients.load(folder)
    context = load_context(
        folder,
        library.table,
        library.scenarios,
        library.models,
        library.rules,
        library.recordings,
        library.outcomes,
        site_url,
        others,
    )
    return Content(
        **{field.name: getattr(library, field.name) for field in fields(library)},
        conformance=context.conformance,
        fault_matrix=matrix,
        clients=others,
        guide=load_guide(folder / "guide", context),
        search=search.load(folder / "search.toml"),
    )

"""What each measured client does with the corpus: `content/conformance.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from streamguide.conform import Complaint

# What the name of a program of the generator begins with; its language follows.
GENERATOR = "generator-"


@dataclass(frozen=True, slots=True)
class JudgedClient:
    """A client and its complaints by recording, with those that it passed; `measured` is the day."""

    client: str
    version: str
    runtime: str
    measured: str
    complaints: Mapping[str, tuple[Complaint, ...]]

    @property
    def failed(self) -> list[str]:
        """The recordings that it failed."""
        return [name for name, told in self.complaints.items() if told]


@dataclass(frozen=True, slots=True)
class Conformance:
    """All measured clients."""

    clients: tuple[JudgedClient, ...] = ()


def load(path: Path) -> Conformance:
    """Read a file that `dumps` wrote."""
    found = []
    for one in json.loads(path.read_text(encoding="utf-8"))["clients"]:
        complaints = {
            name: tuple(Complaint(**complaint) for complaint in told)
            for name, told in one.pop("complaints").items()
        }
        found.append(JudgedClient(**one, complaints=complaints))
    return Conformance(tuple(found))


def dumps(conformance: Conformance) -> str:
    """The file's text: JSON with a line for each recording, so that differences are readable."""
    texts = []
    for one in conformance.clients:
        about = asdict(one)
        lines = (
            f"{json.dumps(name)}: {json.dumps(told, ensure_ascii=False)}"
            for name, told in about.pop("complaints").items()
        )
        joined = ",\n".join(lines)
        texts.append(f'{json.dumps(about)[:-1]}, "complaints": {{\n{joined}\n}}}}')
    return '{"clients": [\n' + ",\n".join(texts) + "\n]}\n"

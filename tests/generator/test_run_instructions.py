"""The lines that stand beside a program."""

from __future__ import annotations

from streamguide.generator.options import LANGUAGES, read
from streamguide.generator.run_instructions import run_instructions
from tests.generator.combinations import MODELS

VERSIONS = {
    "anthropic": "2.12.0",
    "Python": "3.11.7",
    "@anthropic-ai/sdk": "1.12.0",
    "undici": "7.30.2",
}


def test_a_python_program_is_installed_and_run() -> None:
    options = read({"recovery": ["retry"]}, MODELS)
    lines = run_instructions(options, "stream.py", "http://127.0.0.1:8000", VERSIONS, "any-key")
    assert lines.install == "python3 -m venv .venv && .venv/bin/pip install anthropic==2.12.0"
    assert lines.run == ".venv/bin/python stream.py"
    assert lines.simulate == (
        "ANTHROPIC_BASE_URL=http://127.0.0.1:8000/simulator/hello ANTHROPIC_API_KEY=any-key "
        ".venv/bin/python stream.py"
    )
    assert lines.measured_with == "anthropic 2.12.0 on Python 3.11.7"


def test_with_a_tool_the_request_decides_what_is_played() -> None:
    options = read({"tool": ["1"], "language": ["typescript"]}, MODELS)
    lines = run_instructions(options, "stream.mts", "http://127.0.0.1:8000", VERSIONS, "any-key")
    assert lines.install == "npm install @anthropic-ai/sdk@1.12.0 undici@7.30.2 tsx"
    assert "http://127.0.0.1:8000/simulator ANTHROPIC_API_KEY" in lines.simulate


def test_with_a_schema_the_answer_is_made_to_fit_it() -> None:
    options = read({"schema": ['{"type": "object"}']}, MODELS)
    lines = run_instructions(options, "stream.py", "http://127.0.0.1:8000", VERSIONS, "any-key")
    assert "http://127.0.0.1:8000/simulator ANTHROPIC_API_KEY" in lines.simulate


def test_what_a_program_ran_with_is_named_with_its_versions() -> None:
    versions = {"anthropic": "2.12.0", "flask": "3.1.3", "Python": "3.11.7", "curl": "8", "jq": "1"}
    named = {
        language: run_instructions(
            read({"language": [language]}, MODELS), "file", "http://x", versions, "key"
        ).measured_with
        for language in ("flask", "python-plain", "curl")
    }
    assert named == {
        "flask": "anthropic 2.12.0, flask 3.1.3 on Python 3.11.7",
        "python-plain": "Python 3.11.7",
        "curl": "curl 8, jq 1",
    }


def test_every_language_can_be_run() -> None:
    for language in LANGUAGES:
        options = read({"language": [language]}, MODELS)
        lines = run_instructions(options, "file", "http://x", VERSIONS, "key")
        assert lines.needs
        # A handler is started by another file.
        assert lines.run.endswith(" serve.ts" if language == "web" else " file")

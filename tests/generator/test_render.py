"""Programs as their languages' own tools see them: formatted, linted, typed."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from streamguide.generator.languages import LANGUAGES
from streamguide.generator.options import LANGUAGES as CHOICES
from streamguide.generator.options import read
from streamguide.generator.render import render
from tests.generator.combinations import MODELS, TABLE, programs
from tools import nodejs
from tools.goldens import COMMON, PROGRAMS
from tools.process import ROOT, run

SECONDS = 240.0


def rendered(**query: str) -> str:
    options = read({name: [value] for name, value in query.items()}, MODELS)
    return render(options, MODELS, TABLE).text


def written(folder: Path, syntax: str) -> list[Path]:
    """All combinations of the languages that are written in it, a file each."""
    paths = []
    for name, language in LANGUAGES.items():
        if language.syntax == syntax:
            for number, options in enumerate(programs(name)):
                path = folder / f"{name.replace('-', '_')}_{number}{Path(language.file).suffix}"
                path.write_text(render(options, MODELS, TABLE).text, encoding="utf-8")
                paths.append(path)
    assert paths
    return paths


def passes(command: Sequence[str | Path]) -> None:
    ended = run([str(part) for part in command], seconds=SECONDS)
    assert ended.ok, ended.output


@pytest.fixture(scope="module")
def python_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return written(tmp_path_factory.mktemp("python"), "python")


@pytest.mark.parametrize("name", COMMON)
def test_a_common_choice_gives_its_golden_program(name: str) -> None:
    suffix = Path(LANGUAGES[COMMON[name].get("language", "python")].file).suffix
    golden = PROGRAMS / f"{name}{suffix}"
    assert golden.exists(), f"{golden} is missing: make goldens, and read what it wrote"
    assert rendered(**COMMON[name]) == golden.read_text(encoding="utf-8"), (
        f"{name} has changed: make goldens, and read the difference"
    )


def test_there_is_no_golden_program_beside_these() -> None:
    assert {path.stem for path in PROGRAMS.iterdir()} == set(COMMON)


def test_every_language_that_can_be_chosen_has_a_template() -> None:
    assert set(CHOICES) == set(LANGUAGES)


def test_python_programs_are_formatted(python_files: list[Path]) -> None:
    passes([sys.executable, "-m", "ruff", "format", "--isolated", "--diff", *python_files])


def test_python_programs_have_nothing_that_a_linter_minds(python_files: list[Path]) -> None:
    rules = "E4,E7,E9,F,I,B,UP,C4,RET"
    passes([sys.executable, "-m", "ruff", "check", "--isolated", "--select", rules, *python_files])


def test_python_programs_are_typed_strictly(python_files: list[Path], tmp_path: Path) -> None:
    mypy = (sys.executable, "-m", "mypy", "--strict", "--config-file=", "--scripts-are-modules")
    passes([*mypy, f"--cache-dir={tmp_path}", *python_files])


@pytest.fixture(scope="module")
def node() -> str:
    found = nodejs.find()
    assert found, nodejs.WHAT_TO_INSTALL
    return found


@pytest.fixture(scope="module")
def script_files() -> list[Path]:
    """In the project's folder, because there the SDK is found."""
    folder = ROOT / "build" / "generated"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return written(folder, "javascript") + written(folder, "typescript")


def test_scripts_are_formatted(script_files: list[Path], node: str, tmp_path: Path) -> None:
    config = {"root": True, "formatter": {"indentStyle": "space"}}
    (tmp_path / "biome.json").write_text(json.dumps(config), encoding="utf-8")
    biome = ROOT / "node_modules/@biomejs/biome/bin/biome"
    passes([node, biome, "format", f"--config-path={tmp_path}", *script_files])


def test_scripts_are_typed_strictly(script_files: list[Path], node: str) -> None:
    tsc = ROOT / "node_modules/typescript/bin/tsc"
    options = "--noEmit --strict --allowJs --checkJs --skipLibCheck --ignoreConfig"
    target = "--target es2023 --module nodenext --types node"
    passes([node, tsc, *options.split(), *target.split(), *script_files])


def test_shell_programs_have_nothing_that_shellcheck_minds(tmp_path: Path) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    passes([shellcheck, *written(tmp_path, "bash")])


def test_a_part_of_a_program_has_a_title_and_a_note() -> None:
    for name in LANGUAGES:
        for options in programs(name):
            program = render(options, MODELS, TABLE)
            assert all(part.title and part.note.endswith(".") for part in program.parts)
            assert program.text == "".join(part.code for part in program.parts)
            assert "¶" not in program.text
            assert "%%" not in program.text.replace("%%{", "")


def test_every_program_takes_key_and_address_from_the_environment() -> None:
    for name, language in LANGUAGES.items():
        text = rendered(language=name)
        uses_sdk = "import anthropic" in text or "@anthropic-ai/sdk" in text
        assert uses_sdk or ("ANTHROPIC_API_KEY" in text and "ANTHROPIC_BASE_URL" in text), language


# Lines. What there is not without an SDK has to be written out.
SMALL = {
    "python": 120,
    "python-async": 120,
    "python-plain": 170,
    "javascript": 100,
    "typescript": 100,
    "javascript-fetch": 155,
    "curl": 140,
}


@pytest.mark.parametrize("language", SMALL)
def test_the_smallest_choice_is_a_small_program(language: str) -> None:
    assert rendered(language=language).count("\n") <= SMALL[language]


def test_an_option_adds_code_and_changes_none_that_is_not_its_own() -> None:
    smallest = rendered(language="python")
    assert smallest.replace("\n", "") in rendered(language="python", request_id="1").replace(
        "        print(f\"[request {stream.response.headers.get('request-id')}]\", "
        "file=sys.stderr)\n",
        "",
    ).replace("\n", "")


def test_long_and_odd_texts_stand_in_constants_at_the_top() -> None:
    text = rendered(language="python", prompt="Say 'é' and \u202e\n" * 20, system="x" * 100)
    prompt = next(line for line in text.splitlines() if line.startswith("PROMPT"))
    assert "\\u202e" in prompt
    assert "\u202e" not in text

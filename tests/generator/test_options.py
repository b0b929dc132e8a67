"""Options, and reading them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguide.content import load_content
from streamguide.generator.options import (
    LANGUAGES,
    PRESETS,
    RELAYS,
    Options,
    OptionsError,
    Preset,
    all_options,
    preset_values,
    query_of,
    read,
    warnings,
)

MODELS = load_content().models
OPTIONS = {option.name: option for option in all_options(MODELS)}


def chosen(**query: str) -> Options:
    return read({name: [value] for name, value in query.items()}, MODELS)


def errors(**query: str) -> dict[str, str]:
    with pytest.raises(OptionsError) as caught:
        chosen(**query)
    return caught.value.errors


def test_nothing_chosen_gives_the_defaults() -> None:
    options = chosen()
    assert (options.language, options.model, options.max_tokens) == (
        "python",
        "claude-opus-5-5",
        1024,
    )
    assert options.stream and not options.tool
    assert options.recovery == "none"


def test_the_names_are_those_that_are_promised() -> None:
    names = list(OPTIONS)
    assert names[0] == "language"
    assert {"prompt", "model", "max_tokens", "stream", "tool", "recovery"} <= set(names)


@pytest.mark.parametrize("option", OPTIONS.values(), ids=lambda option: option.name)
def test_every_option_describes_itself_and_takes_its_default(option: object) -> None:
    described = OPTIONS[option.name].as_json()  # type: ignore[attr-defined]
    assert described.keys() == {"name", "label", "kind", "values", "default", "applies_to"}
    assert set(described["applies_to"]) <= set(LANGUAGES)
    if described["kind"] == "choice":
        assert described["default"] in described["values"]


def test_of_a_flag_sent_twice_the_last_counts() -> None:
    assert read({"stream": ["0", "1"]}, MODELS).stream
    assert not read({"stream": ["0"]}, MODELS).stream


def test_every_wrong_field_has_its_message_and_none_is_lost() -> None:
    assert errors(language="cobol", max_tokens="many", tool="yes", colour="red") == {
        "language": f"it takes one of {', '.join(LANGUAGES)}, not 'cobol'",
        "max_tokens": "it takes a whole number from 1 to 128000",
        "tool": "it takes 1 or 0, not 'yes'",
        "colour": "there is no such option",
    }


@pytest.mark.parametrize("text", ["0", "3601", "000000010999999999", "1" * 4308, "1_0", "²"])
def test_a_number_out_of_its_range_is_refused_however_it_is_written(text: str) -> None:
    assert errors(silence_timeout=text) == {
        "silence_timeout": "it takes a whole number from 1 to 3600"
    }


@pytest.mark.parametrize("text", ["7", "007", "0" * 4308 + "7"])
def test_a_number_is_the_same_with_zeros_before_it(text: str) -> None:
    assert chosen(silence_timeout=text).silence_timeout == 7


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ({"prompt": " "}, "prompt", "a prompt is needed"),
        ({"prompt": "a\0"}, "prompt", "it holds a NUL character, which bash cannot pass on"),
        ({"system": "a" * 20_001}, "system", "at most 20,000 characters"),
        ({"stop_sequences": "a\n" * 17}, "stop_sequences", "at most 16 lines"),
        (
            {"model": "claude-haiku-4-5", "max_tokens": "64001"},
            "max_tokens",
            "Claude Haiku 4.5 gives at most 64,000",
        ),
        (
            {"stream": "0", "max_tokens": "21334"},
            "max_tokens",
            "without streaming the Python and JavaScript SDKs allow at most 21,333",
        ),
        (
            {"model": "claude-haiku-4-5", "display": "omitted"},
            "display",
            "Claude Haiku 4.5 knows no adaptive thinking, which this needs",
        ),
        (
            {"model": "claude-haiku-4-5", "effort": "low"},
            "effort",
            "Claude Haiku 4.5 takes no effort",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    query: dict[str, str], field: str, message: str
) -> None:
    assert errors(**query) == {field: message}


def test_line_ends_of_forms_are_made_plain_and_empty_stops_left_out() -> None:
    assert chosen(prompt="a\r\nb").prompt == "a\nb"
    assert chosen(stop_sequences="END\r\n\r\nSTOP\n").stop_sequences == ("END", "STOP")


def test_what_a_language_cannot_have_is_left_out() -> None:
    assert not chosen(language="curl", tool="1").tool
    assert chosen(language="flask", stream="0").stream


def warned(**query: str) -> dict[str, str]:
    """The warnings by the option at which each stands."""
    return {found.option: found.text for found in warnings(chosen(**query), MODELS)}


def test_an_odd_choice_gets_a_warning_at_its_field() -> None:
    assert warned() == {}
    assert "no part of an answer" in warned(recovery="resume", stream="0")["recovery"]
    assert "legacy" in warned(model="claude-opus-5")["model"]
    assert "silent" in warned(silence_timeout="5")["silence_timeout"]
    # With a tool it is not hidden, where the model can show it.
    assert warned(silence_timeout="5", tool="1") == {}
    earlier = warned(silence_timeout="5", tool="1", model="claude-haiku-4-5")
    assert "silent" in earlier["silence_timeout"]
    assert warned(stream="0")["stream"].endswith("longer than 120 s, and so may each retry.")
    assert warned(stream="0", language="curl")["stream"].endswith("longer than 120 s.")
    assert "no stream to save" in warned(stream="0", save="1")["save"]
    assert "left out" in warned(breaker="1")["breaker"]
    assert "never opens" in warned(breaker="1", tool="1")["breaker"]
    assert warned(language="javascript-fetch", connect_timeout="20", silence_timeout="301") == {
        "connect_timeout": "Node's fetch gives up connecting after 10 s by itself.",
        "silence_timeout": "Node's fetch gives up after 300 s of silence by itself.",
    }


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.label)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_preset_keeps_the_language_if_it_is_of_its_kind(language: str, preset: Preset) -> None:
    values = preset_values(preset, language, MODELS)
    is_kept = (language in RELAYS) == preset.is_relay
    assert values["language"] == (language if is_kept else "flask" if preset.is_relay else "python")
    options = chosen(**values)
    assert options.resumes is (preset.label != "Shortest")


def test_a_preset_leaves_nothing_of_an_earlier_program_and_all_that_is_asked() -> None:
    sets = set(preset_values(PRESETS[0], "python", MODELS))
    asked = {"model", "max_tokens", "prompt", "system", "stop_sequences", "display", "effort"}
    asked |= {"schema", "tool_name", "tool_description", "tool_schema"}
    assert set(OPTIONS) - sets == asked


def test_what_has_no_use_is_left_out() -> None:
    assert not chosen(breaker="1").has_breaker
    assert chosen(breaker="1", tool="1").has_breaker
    assert chosen(breaker="1", language="flask").has_breaker
    at_once = chosen(stream="0", recovery="resume")
    assert (at_once.retries, at_once.keeps_partial, at_once.resumes) == (True, False, False)


QUERIES = st.fixed_dictionaries(
    {},
    optional={
        name: (
            st.sampled_from(list(option.values or {}))
            if option.kind == "choice"
            else st.sampled_from(["0", "1"])
            if option.kind == "flag"
            else st.integers(option.low, min(option.high, 20_000)).map(str)
            if option.kind == "number"
            else st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
        )
        for name, option in OPTIONS.items()
    },
)


@given(query=QUERIES)
def test_options_written_as_a_query_are_read_as_the_same(query: dict[str, str]) -> None:
    try:
        options = chosen(**query)
    except OptionsError as error:
        assert set(error.errors) <= set(OPTIONS)
        return
    assert chosen(**query_of(options, MODELS)) == options


@given(query=st.dictionaries(st.sampled_from(list(OPTIONS)) | st.text(), st.lists(st.text())))
def test_whatever_is_sent_it_is_read_or_refused(query: dict[str, list[str]]) -> None:
    try:
        read(query, MODELS)
    except OptionsError as error:
        assert error.errors


def test_a_schema_is_kept_as_it_was_written() -> None:
    text = '{"type": "object",\n "properties": {}}'
    assert chosen(schema=f"\n{text}\r\n").schema == text
    assert chosen(schema=" ").schema == chosen(schema="{}").schema == ""


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        (
            "{",
            "it is not JSON: line 1, column 2: Expecting property name enclosed in double quotes",
        ),
        ('{"type":\n object}', "it is not JSON: line 2, column 2: Expecting value"),
        ("[]", "it must be a JSON object"),
        ('{"const": NaN}', "it has a number that is too large, NaN or Infinity"),
        ('{"const": 1e999}', "it has a number that is too large, NaN or Infinity"),
        (f'{{"const": {"9" * 400}}}', "it has a number that is too large, NaN or Infinity"),
        (f'{{"const": {"9" * 5000}}}', "it has a number that is too large, NaN or Infinity"),
        ('{"const": "\\ud800"}', "it holds half of a surrogate pair, which is no character"),
        ('{"\\u0000": 1}', "it holds a NUL character, which bash cannot pass on"),
        ('{"x": ' * 51 + "0" + "}" * 51, "it is nested more than 50 deep"),
        ("[" * 9_999 + "]" * 9_999, "it is nested more than 50 deep"),
        ('{"a": "' + "b" * 20_000 + '"}', "at most 20,000 characters"),
    ],
)
def test_a_schema_that_no_program_can_have_is_refused(schema: str, problem: str) -> None:
    assert errors(schema=schema) == {"schema": problem}


def test_with_a_schema_the_rest_of_an_answer_is_not_asked_for() -> None:
    options = chosen(schema='{"type": "object"}', recovery="resume")
    assert (options.keeps_partial, options.resumes) == (True, False)
    (warning,) = [one for one in warnings(options, MODELS) if one.option == "recovery"]
    assert warning.text.startswith("With a schema each answer is an object of its own")


def test_a_tool_has_a_name_and_an_input_that_the_api_takes() -> None:
    assert errors(tool_name="get mail") == {
        "tool_name": "1 to 64 letters, digits, hyphens and underscores, all of them ASCII"
    }
    assert set(errors(tool_name="get mail", schema="{")) == {"tool_name", "schema"}
    assert errors(tool_schema="") == {"tool_schema": 'its "type" must be "object"'}
    assert errors(tool_schema='{"type": "array"}') == {"tool_schema": 'its "type" must be "object"'}
    assert errors(tool_schema='{"type": "object", "required": true}') == {
        "tool_schema": 'its "required" must be a list of names'
    }


def test_a_tool_is_ones_own_when_anything_of_the_example_is_changed() -> None:
    assert not chosen(tool="1").has_own_tool
    assert not chosen(tool_name="send_mail").has_own_tool
    assert chosen(tool="1", tool_name="send_mail").has_own_tool
    # Relays have no tool, and curl has none.
    assert not chosen(tool="1", tool_name="send_mail", language="curl").has_own_tool


def test_what_does_not_apply_to_the_language_is_not_read() -> None:
    assert chosen(tool_schema="{", language="flask") == chosen(language="flask")
    assert chosen(connect_timeout="soon", language="web") == chosen(language="web")
    assert set(errors(tool_schema="{", language="cobol")) == {"language", "tool_schema"}

"""The simulator's page, as the server renders it."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from streamguide.content import load_content
from streamguide.files import CONTENT
from streamguide.simulator import faults
from streamguide.simulator.faults import FAULTS
from streamguide.simulator.keys import issue
from streamguide.web.commands import BASE_URL, KEY, PAGE_KEY, load_commands
from streamguide.web.simulator_page import SimulatorConfiguration, read_configuration

SITE = load_content()


def asked(query: str) -> SimulatorConfiguration:
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    values = {name: value for name, _, value in pairs}
    texts = [value for name, _, value in pairs if name == "fault"]
    return read_configuration(values, texts, SITE.scenarios, SITE.recordings)


def text_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


def base_url(html: str) -> str:
    """What the page shows as the base URL."""
    return text_of(html.split('aria-label="Base URL"')[1].split("<code>")[1].split("</code>")[0])


def test_a_recording_that_the_address_names_can_be_chosen(client: FlaskClient) -> None:
    html = client.get("/simulator?scenario=corpus:spliced").text
    assert base_url(html).endswith("/simulator/corpus:spliced")
    assert '<option value="corpus:spliced"' in html
    assert '<option value="corpus:' not in client.get("/simulator").text


def test_each_scenario_and_fault_of_the_lists_has_its_strip(client: FlaskClient) -> None:
    html = client.get("/simulator").text
    shown = re.findall(r'<dt>(<svg class="ticks".*?</svg>)<a href="/simulator\?(.+?)">', html)
    strips = {query: strip for strip, query in shown}
    assert strips.keys() == {
        *(f"scenario={name}" for name in SITE.scenarios),
        *(
            f"scenario={fault.scenario}&amp;fault={name}"
            for name, fault in FAULTS.items()
            if name != "none"
        ),
    }
    drop, stall = (strips[f"scenario=hello&amp;fault={name}"] for name in ("drop", "stall"))
    assert "cut family-error" in drop
    assert drop != stall
    assert "silence" in strips["scenario=thinking-omitted"]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("", "/simulator/hello"),
        ("scenario=tool-use", "/simulator/tool-use"),
        ("scenario=auto", "/simulator"),
        ("scenario=corpus:plain", "/simulator/corpus:plain"),
        ("scenario=auto&fault=bom", "/simulator/auto/bom"),
        ("scenario=hello&fault=drop;at=9", "/simulator/hello/drop;at=9"),
        ("fault=drop;at=9;how=close;byte=0", "/simulator/hello/drop;at=9"),
        ("fault=slow;factor=0.5", "/simulator/hello/slow;factor=0.5"),
        ("fault=slow;factor=4.0", "/simulator/hello/slow"),
        ("fault=drop;at=100000", "/simulator/hello/drop;at=100000"),
        # In the order in which they apply.
        ("fault=drop+slow;factor=0", "/simulator/hello/slow;factor=0+drop"),
        ("fault=none+drop", "/simulator/hello/drop"),
        # A form without a script sends each parameter by its own name.
        ("scenario=hello&fault=drop&at=9&byte=&times=", "/simulator/hello/drop;at=9"),
        ("fault=drop&factor=0", "/simulator/hello/drop"),
    ],
)
def test_an_address_names_a_base_url(query: str, path: str) -> None:
    configuration = asked(query)
    assert (configuration.path, configuration.problem) == (path, "")


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("scenario=nothing", "No scenario is called 'nothing'."),
        ("fault=nothing", "No fault is called 'nothing'."),
        ("fault=drop;at=0", "drop: at is '0'"),
        ("fault=drop&at=soon", "drop: at is 'soon'"),
        ("fault=bom+bom+bom+bom+bom", "at most 4"),
    ],
)
def test_what_cannot_be_had_is_left_out_and_told(
    client: FlaskClient, query: str, problem: str
) -> None:
    configuration = asked(query)
    assert configuration.path == "/simulator/hello"
    assert problem in configuration.problem
    html = client.get(f"/simulator?{query.replace('+', '%2B')}").text
    assert problem in text_of(html)


def test_a_base_url_leads_back_to_its_faults() -> None:
    for name, fault in FAULTS.items():
        if name == "none":
            continue
        values = [f"{one.name}={one.choices[-1] if one.choices else 1}" for one in fault.parameters]
        text = ";".join([name, *values])
        assert faults.read(asked(f"fault={text}").fault_text) == faults.read(text)


def test_every_scenario_and_fault_is_listed_with_its_help(client: FlaskClient) -> None:
    text = text_of(client.get("/simulator").text)
    for scenario in SITE.scenarios.values():
        assert scenario.summary in text
    for fault in FAULTS.values():
        assert fault.title in text
        assert fault.help.replace("`", "") in text
        for parameter in fault.parameters:
            assert parameter.help.replace("`", "") in text


@pytest.mark.parametrize("name", [name for name in FAULTS if name != "none"])
def test_a_fault_in_the_address_has_its_controls_in_the_page(
    client: FlaskClient, name: str
) -> None:
    html = client.get(f"/simulator?fault={name}").text
    form = html.split("<form")[1].split("</form>")[0]
    for parameter in FAULTS[name].parameters:
        assert f'name="{parameter.name}"' in form
    ids = re.findall(r' id="([^"]+)"', re.sub(r"(?s)<template.*?</template>", "", html))
    assert len(ids) == len(set(ids))
    assert set(re.findall(r' for="([^"]+)"', form)) <= set(ids)


def test_the_values_of_an_address_are_in_the_form(client: FlaskClient) -> None:
    html = client.get("/simulator?scenario=tool-use&fault=slow;factor=0%2Bdrop;at=9;how=reset").text
    form = html.split("<form")[1].split("</form>")[0]
    assert 'value="tool-use"' in re.findall(r"<option[^>]*selected[^>]*>", form)[0]
    assert form.count('data-part="fault"') == 2
    assert re.search(r'name="at"[^>]*value="9"', form)
    assert re.search(r'name="factor"[^>]*value="0"', form)
    assert "<option selected>reset</option>" in form


def test_the_commands_carry_the_base_url_and_a_key_that_will_do(client: FlaskClient) -> None:
    html = client.get("/simulator?fault=drop;at=9").text
    expected = "https://example.org/simulator/hello/drop;at=9"
    assert base_url(html) == expected
    for command in load_commands():
        block = text_of(html.split(f'id="command-{command.name}"')[1].split("</pre>")[0])
        assert expected in block
        assert PAGE_KEY in block
    # The script puts a key of its own there, and no text moves.
    assert len(PAGE_KEY) == len(issue())


def test_the_request_and_the_names_that_the_page_tells_its_script_are_taken(
    client: FlaskClient,
) -> None:
    html = client.get("/simulator").text
    known = json.loads(unescape(html.split('data-constants="')[1].split('"')[0]))
    headers = {"x-api-key": KEY, "anthropic-version": known["version"]}
    message = {"role": "user", "content": "Hello"}
    body = {"model": known["model"], "max_tokens": 9, "messages": [message]}
    answer = client.post(f"/simulator/{known['auto']}/v1/messages", json=body, headers=headers)
    assert json.loads(answer.text)["model"] == known["model"]
    assert asked(f"scenario={known['auto']}&fault={known['none']}").problem == ""
    names = [name for name in FAULTS if name != known["none"]]
    assert asked(f"fault={'+'.join(names[: known['mostFaults']])}").problem == ""
    assert "at most" in asked(f"fault={'+'.join(names[: known['mostFaults'] + 1])}").problem
    model = SITE.models.by_id[known["model"]]
    assert known["charactersPerToken"] == model.characters_per_token


def test_every_file_of_commands_is_on_the_page_with_an_address_and_a_key() -> None:
    commands = load_commands()
    assert {command.name for command in commands} == {
        path.stem for path in (CONTENT / "commands").iterdir()
    }
    for command in commands:
        assert BASE_URL in command.text
        # The script replaces whole texts: no other text may contain what it looks for.
        assert command.text.count(KEY) == 1


def test_an_address_is_text_in_the_page(client: FlaskClient) -> None:
    html = client.get("/simulator?scenario=%3Cscript%3E&fault=%22%3E%3Cimg%3E").text
    assert "<script>" not in html
    assert "<img>" not in html


def test_the_base_url_of_the_page_can_be_asked(client: FlaskClient) -> None:
    html = client.get("/simulator?scenario=tool-use&fault=error-event").text
    path = base_url(html).removeprefix("https://example.org")
    response = client.post(f"{path}/v1/messages", json={}, headers={"x-api-key": KEY})
    assert response.status_code == 400
    assert "anthropic-version" in response.text


def test_faults_are_chosen_and_listed_by_the_moment_in_which_they_are_met(
    client: FlaskClient,
) -> None:
    moments = list(faults.BY_MOMENT)
    for path in ("/simulator", "/demo"):
        html = client.get(path).text
        assert re.findall('<optgroup label="(.*?)">', html) == moments
        chosen = re.findall('<option value="([^"]*)"', html.partition("<optgroup")[2])
        by_moment = [fault.name for group in faults.BY_MOMENT.values() for fault in group]
        assert chosen[: len(FAULTS) - 1] == [name for name in by_moment if name != "none"]
    listed = client.get("/simulator").text.partition('<h2 id="faults">')[2]
    assert re.findall("<h3>(.*?)</h3>", listed) == moments

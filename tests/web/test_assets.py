"""Static files under a versioned address."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from streamguide.web.assets import Assets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "js" / "views").mkdir(parents=True)
    (tmp_path / "js" / "main.js").write_text(
        'import { a } from "./views/a.js";\nimport {\n  b,\n  c,\n} from "./views/b.js";\n'
        'const text = "./views/not-imported.js";\n'
    )
    (tmp_path / "js" / "views" / "a.js").write_text('import "../main.js";\nexport const a = 1;\n')
    (tmp_path / "js" / "views" / "b.js").write_text("export const b = 1, c = 2;\n")
    (tmp_path / "notes.txt").write_text("not served")
    return tmp_path


def test_the_version_changes_with_any_file(folder: Path) -> None:
    before = Assets(folder).version
    assert Assets(folder).version == before
    (folder / "js" / "views" / "b.js").write_text("export const b = 2, c = 2;\n")
    assert Assets(folder).version != before


def test_a_module_brings_all_that_it_imports_once(folder: Path) -> None:
    assets = Assets(folder)
    names = ("js/main.js", "js/views/a.js", "js/views/b.js")
    assert assets.modules("js/main.js") == [assets.url(name) for name in names]


def test_comments_on_lines_of_their_own_are_not_sent_and_all_code_is(folder: Path) -> None:
    source = """/** A module. */

/**
 * Says a text.
 * @param {string} text
 */
export function say(text) {
  /** @type {string[]} */
  const all = [text, "/** stays */"]; // stays, /** too */
  /** @type {Cast} */ (all).push(/** @type {any} */ (text));
  /** @type {string} */
  // Not sent: https://example.org
  return /\\/\\*\\*/.test(text) ? all : [];
}
"""
    (folder / "js" / "main.js").write_text(source)
    assets = Assets(folder)
    app = Flask(__name__)
    app.register_blueprint(assets.blueprint())
    sent = app.test_client().get(assets.url("js/main.js")).text
    assert (
        sent
        == """
export function say(text) {
  const all = [text, "/** stays */"]; // stays, /** too */
  /** @type {Cast} */ (all).push(/** @type {any} */ (text));
  return /\\/\\*\\*/.test(text) ? all : [];
}
"""
    )


def test_a_file_that_does_not_exist_has_no_address(folder: Path) -> None:
    with pytest.raises(KeyError, match=r"static/js/gone\.js does not exist"):
        Assets(folder).url("js/gone.js")
    with pytest.raises(KeyError):
        Assets(folder).url("notes.txt")


def test_files_are_kept_for_ever_under_their_version_and_not_found_under_another(
    client: FlaskClient,
) -> None:
    html = client.get("/").text
    path = html.split('<script src="')[1].split('"')[0]
    response = client.get(path)
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.content_type == "text/javascript; charset=utf-8"
    version = path.split("/")[2]
    assert client.get(path.replace(version, "0" * 12)).status_code == 404
    assert client.get(f"/static/{version}/../app.py").status_code == 404

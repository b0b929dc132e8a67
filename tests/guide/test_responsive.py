"""Tables and samples as the style sheet needs them."""

from __future__ import annotations

import re

from streamguide.guide.render import render

FIGURE = "```figure\nsquare\n```\n"


def html_of(text: str) -> str:
    return render(text, {"square": "<svg></svg>\n"}, {}, lambda path: "").html


def table(*rows: str) -> str:
    head, *body = (f"| {row} |" for row in rows)
    return "\n".join([head, "|---" * rows[0].count("|") + "|---|", *body, ""])


def test_the_cells_of_a_wide_table_know_their_columns() -> None:
    html = html_of(table("If | it `now` | so", "a | b | c"))

    assert '<div class="scroll"><table class="cards">' in html
    assert re.findall("<td.*</td>", html) == [
        "<td>a</td>",
        '<td data-label="it now">b</td>',
        '<td data-label="so">c</td>',
    ]


def test_a_table_of_two_columns_stays_as_it_is() -> None:
    assert '<div class="scroll"><table>\n<thead>' in html_of(table("a | b", "c | d"))


def test_a_table_of_numbers_can_be_scrolled_with_the_keyboard() -> None:
    html = html_of("## Prices\n\n" + table("Model | In | Out", "One | 1.50 | 1,000"))

    frame = '<div aria-label="Table in Prices" class="scroll" role="group" tabindex="0"><table>'
    assert frame in html
    assert "data-label" not in html


def test_a_matrix_of_marks_has_colours_row_headings_and_a_choice_of_columns() -> None:
    html = html_of(
        table("Fault | A `x` | B", "[`f`](#f) | ● whole | **✕ unnoticed**", "g | ▲ error | … waits")
    )

    assert "Client<select><option>A x</option><option>B</option></select></label>" in html
    assert 'class="scroll" role="group" tabindex="0"' in html
    assert re.findall("<t[hd] .*</t[hd]>", html) == [
        '<th scope="row"><a href="#f"><code>f</code></a></th>',
        '<td class="is-whole">● whole</td>',
        '<td class="is-unnoticed"><strong>✕ unnoticed</strong></td>',
        '<th scope="row">g</th>',
        '<td class="is-raised">▲ error</td>',
        '<td class="is-waiting">… waits</td>',
    ]


def test_names_in_a_table_wrap_where_their_parts_end_and_the_path_is_apart() -> None:
    html = html_of(table("Field | Meaning", "`message.usage.output_tokens` | `a.b`, `c;d=1`"))

    assert (
        '<code><span class="path">message.<wbr />usage.</span><wbr />output_<wbr />tokens</code>'
    ) in html
    assert "<td><code>a.<wbr />b</code>, <code>c;<wbr />d=1</code></td>" in html


def test_samples_in_several_languages_share_a_frame() -> None:
    python, javascript = "Python\n{: .tab #py}\n\n", "JavaScript\n{: .tab}\n\n"
    html = html_of(f"Before\n\n{python}{FIGURE}\n{FIGURE}\n{javascript}{FIGURE}\nAfter\n")

    figure = '<figure class="figure"><svg></svg></figure>'
    assert re.sub("\n", "", html) == (
        '<p>Before</p><div class="tabs">'
        f'<div class="tab-panel" id="py"><p class="tab-name">Python</p>{figure}{figure}</div>'
        f'<div class="tab-panel"><p class="tab-name">JavaScript</p>{figure}</div>'
        "</div><p>After</p>"
    )


def test_two_frames_of_samples_stay_apart() -> None:
    frame = f"Python\n{{: .tab}}\n\n{FIGURE}\n"

    assert html_of(f"{frame}Between\n\n{frame}").count('<div class="tabs">') == 2

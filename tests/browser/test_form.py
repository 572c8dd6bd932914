"""The form of a flow's parameters, as users fill it in."""

from __future__ import annotations

from tests.browser.notebook import Notebook, expect

FORM = """
from nbflow.parameters import declare
from nbflow.views.form import form

parameters, wrong = declare({
    "n": ("int", "200"),
    "rate": ("Annotated[float, Interval(ge=0, le=1)]", "0.25"),
    "cores": ("Annotated[int, Ge(1), Le(8)]", "2"),
    "mode": ("Literal['fast', 'exact']", "'fast'"),
    "since": ("date", "'2024-01-31'"),
    "sizes": ("list[int]", "[1, 2]"),
    "title": ("str", "'a <b>title</b>'"),
    "verbose": ("bool", "False"),
})
ran = []

def run(values):
    ran.append(dict(values))
    shown.say(f"runs with {', '.join(values)}", "good")

shown = form(parameters, run)
shown
"""


def test_the_form_shows_and_a_click_runs_with_what_was_typed(notebook: Notebook) -> None:
    notebook.run(FORM)
    output = notebook.find(".jp-OutputArea-output")
    run = output.get_by_role("button", name="Run")
    run.wait_for()
    output.get_by_label("n", exact=True).fill("two")
    output.get_by_label("mode").select_option("exact")
    output.get_by_label("since").fill("2024-02-29")
    output.get_by_label("sizes").fill("[3, 4")
    output.get_by_label("verbose").check()
    run.click()
    expect(output.get_by_text("✘ takes an int, for example 4")).to_be_visible()
    expect(output.get_by_text("✘ takes a list[int], for example [4, 4]")).to_be_visible()
    expect(output.get_by_text("✘ 2 values do not fit.")).to_be_visible()
    notebook.picture("form-wrong")
    output.get_by_label("n", exact=True).fill("300")
    output.get_by_label("sizes").fill("[3, 4]")
    run.click()
    expect(output.get_by_text("✔ runs with n, mode, since, sizes, verbose")).to_be_visible()
    notebook.picture("form")
    # While the kernel is busy, what is typed waits, and the click must not overtake it.
    notebook.start("import time; time.sleep(1)")
    output.get_by_label("n", exact=True).fill("400")
    output.get_by_label("n", exact=True).press("Tab")
    output.get_by_label("n", exact=True).fill("500")
    run.click()
    expect(output.get_by_text("✔ runs with n, mode, since, sizes, verbose")).to_be_visible()
    notebook.execute("pass")
    assert notebook.value("ran") == repr(
        [
            {"n": n, "mode": "exact", "since": "2024-02-29", "sizes": [3, 4], "verbose": True}
            for n in (300, 500)
        ]
    )
    expect(output.locator("b")).to_have_count(0)

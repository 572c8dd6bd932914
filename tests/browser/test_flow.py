"""A notebook with a flow in JupyterLab: what its user sees, cell by cell."""

from __future__ import annotations

from tests.browser.notebook import Notebook

CELLS = (
    "%load_ext nbflow\nimport numpy as np\n\ndef is_prime(n):\n"
    "    return n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))",
    "%%parameters\ncores: int = 4\nn: int = 2_000",
    "%%step load\ndata = np.random.default_rng(0).integers(1, 50_000, n)",
    "%%foreach chunk in np.array_split(data, cores)\n"
    "primes = [int(x) for x in chunk if is_prime(x)]",
    "%%step odds\nodd = data[data % 2 == 1]",
    "%%step report\nfound = sum(primes, [])\nprint(len(found), len(odd))",
    "%flow",
    "%flow graph",
)


def expect_all_run(notebook: Notebook) -> None:
    from playwright.sync_api import expect

    expect(notebook.find(".nbflow-view")).to_be_visible(timeout=60_000)


def test_a_flow_shows_its_steps_and_its_graph(notebook: Notebook) -> None:
    from playwright.sync_api import expect

    notebook.run(*CELLS)
    expect_all_run(notebook)
    expect(notebook.find(".nbf").filter(has_text="load: in n · out data")).to_be_visible()
    notebook.picture("flow-first-run")
    # Not waited for: it waits for the dialog.
    notebook.page.evaluate("window.jupyterapp.commands.execute('notebook:restart-run-all'), 0")
    notebook.page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(notebook.find(".nbf").filter(has_text="cached")).to_have_count(4, timeout=60_000)
    expect_all_run(notebook)
    notebook.picture("flow-after-restart")


def test_the_graph_of_a_cell_follows_the_steps_below_it(notebook: Notebook) -> None:
    from playwright.sync_api import expect

    notebook.run(
        "%load_ext nbflow",
        "%flow config on_run register",
        "%%step one\none = 1",
        "%%step two\ntwo = one + 1",
        "%flow graph",
    )
    graph = notebook.find(".nbflow-view")
    expect(graph).to_contain_text("2 new", timeout=60_000)
    notebook.execute("get_ipython().run_line_magic('flow', 'run one')")
    expect(graph).to_contain_text("1 fresh", timeout=60_000)
    notebook.execute("get_ipython().run_line_magic('flow', 'run')")
    expect(graph).to_contain_text("2 fresh", timeout=60_000)


def test_the_form_runs_the_flow_and_shows_the_run_below(notebook: Notebook) -> None:
    from playwright.sync_api import expect

    notebook.run(
        "%load_ext nbflow",
        "%%parameters\nn: int = 3",
        "%flow config on_run register",
        "%%step total\ntotal = sum(range(n))",
        "%flow form",
    )
    field = notebook.find(".jp-OutputArea-output input[type=text]")
    field.fill("5", timeout=60_000)
    notebook.page.get_by_role("button", name="Run", exact=True).click()
    output = notebook.find(".widget-html .nbf").filter(has_text="1 task ran")
    expect(output).to_be_visible(timeout=60_000)
    assert notebook.value("total") == "10"

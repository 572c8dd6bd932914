"""marimo with ``mo.watch.file`` for the file, and modules pinned to their ``__version__``."""

import marimo

app = marimo.App()


@app.cell
def _():
    import json
    import time

    import marimo as mo
    from rates import scaled

    return json, mo, scaled, time


@app.cell
def _(mo):
    file = mo.watch.file("numbers.txt")
    return (file,)


@app.cell
def _():
    OFFSET = 10
    return (OFFSET,)


@app.cell
def _():
    def total(numbers):
        return sum(numbers)

    return (total,)


@app.cell
def _(OFFSET, file, mo, scaled, time, total):
    with mo.persistent_cache("weigh", pin_modules=True):
        # One number a line.
        numbers = [int(line) for line in file.read_text().split()]
        answer = {"value": scaled(total(numbers)) + OFFSET, "made": time.time_ns()}
    return (answer,)


@app.cell
def _(answer, json):
    print(json.dumps(answer))
    return


if __name__ == "__main__":
    app.run()

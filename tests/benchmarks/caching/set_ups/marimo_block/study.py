"""marimo, as its page on caching: a block under a cache of a name."""

import marimo

app = marimo.App()


@app.cell
def _():
    import json
    import time
    from pathlib import Path

    import marimo as mo
    from rates import scaled

    return Path, json, mo, scaled, time


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
def _(OFFSET, Path, mo, scaled, time, total):
    with mo.persistent_cache("weigh"):
        # One number a line.
        numbers = [int(line) for line in Path("numbers.txt").read_text().split()]
        answer = {"value": scaled(total(numbers)) + OFFSET, "made": time.time_ns()}
    return (answer,)


@app.cell
def _(answer, json):
    print(json.dumps(answer))
    return


if __name__ == "__main__":
    app.run()

"""marimo, as its page on caching: a decorated function, in a cell of its own."""

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
    @mo.persistent_cache
    def weigh():
        # One number a line.
        numbers = [int(line) for line in Path("numbers.txt").read_text().split()]
        return {"value": scaled(total(numbers)) + OFFSET, "made": time.time_ns()}

    return (weigh,)


@app.cell
def _(json, weigh):
    print(json.dumps(weigh()))
    return


if __name__ == "__main__":
    app.run()

"""The event loop that runs around a kernel's cells."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code, foreach

ASYNCIO = code(
    "import asyncio\nasync def double(n):\n    await asyncio.sleep(0.001)\n    return 2 * n"
)

CASES = (
    case(
        "tasks made in one cell and awaited in another",
        ASYNCIO,
        "task = asyncio.create_task(double(1))",
        "both = asyncio.gather(double(2), double(3))",
        "a = await task",
        "b = await both",
        "n = asyncio.get_running_loop().is_running(), a, b",
    ),
    case(
        "what a loop that runs refuses",
        ASYNCIO,
        "try:\n    asyncio.run(double(1))\nexcept RuntimeError as e:\n    print(e)",
        """
        loop = asyncio.get_event_loop()
        try:
            loop.run_until_complete(double(1))
        except RuntimeError as e:
            print(e)
        del loop
        """,
    ),
    case(
        "the loop gets on between cells",
        ASYNCIO,
        "seen = []\nasync def see():\n    for i in range(3):\n        seen.append(i)\n"
        "        await asyncio.sleep(0)",
        "task = asyncio.ensure_future(see())\nn = len(seen)",
        "m = len(seen), task.done()",
        "asyncio.get_running_loop().call_soon(seen.append, 9);",
        "k = list(seen)",
    ),
    case(
        "context variables hold for the cells below, where nothing is awaited",
        code("import asyncio\nimport decimal"),
        "decimal.getcontext().prec = 4",
        "await asyncio.sleep(0)\na = str(decimal.Decimal(1) / 3)",
        "b = str(decimal.Decimal(2) / 3)",
    ),
    case(
        "a loop runs around splits",
        ASYNCIO,
        foreach("n in range(3)", "a = asyncio.get_running_loop().is_running()"),
        foreach("n in range(3)", "b = await double(n)"),
        "c = a, b",
    ),
)

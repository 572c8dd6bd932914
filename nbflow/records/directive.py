"""What a mark on a cell says, whichever of the four spellings it was written in."""

from __future__ import annotations

from typing import Literal

import msgspec

from nbflow.records.hazard import Policy

Kind = Literal["step", "foreach", "parameters", "setup"]
Spelling = Literal["magic", "tag", "comment", "metadata"]


class Options(msgspec.Struct, frozen=True):
    """The options of a step or foreach; every one of them is enforced."""

    #: ``--in``: only these names are read; None leaves it to the analysis.
    inputs: tuple[str, ...] | None = None
    #: ``--out``: exactly these names are outputs; None leaves it to the analysis.
    outputs: tuple[str, ...] | None = None
    #: ``--after``: names of steps that must have completed before this one starts.
    after: tuple[str, ...] = ()
    #: ``--no-cache`` makes it False: the step runs every time.
    cache: bool = True
    #: ``--hazards``: whether a result is reused that no cache can check; None leaves it to the
    #: set-up cells, and these to ``cache``.
    hazards: Policy | None = None
    #: ``--seed``: the random generators start from this number instead of the cache key.
    seed: int | None = None
    #: ``--env K=V``: environment variables of the task, sorted by name.
    env: tuple[tuple[str, str], ...] = ()
    #: ``--file``: files that count in the cache, for readers that cannot be observed.
    files: tuple[str, ...] = ()
    #: ``--cpus``: how many of the run's workers one task takes.
    cpus: int = 1
    #: ``--max-parallel``: at most so many splits of this foreach at once.
    max_parallel: int | None = None
    #: ``--on-error``: ``stop`` starts no more splits once one failed, ``continue`` runs them all.
    on_error: Literal["stop", "continue"] = "stop"
    #: ``--no-replay`` makes it False: neither is it carried out again within another step, nor
    #: another within it.
    replay: bool = True
    #: ``--here``: in this very process instead of a worker, for debugging.
    here: bool = False


class Directive(msgspec.Struct, frozen=True):
    """A cell's mark: what the cell is in the flow, and the body that is left to run."""

    kind: Kind
    spelling: Spelling
    #: Step name as written; None when left out.
    name: str | None
    #: For a foreach, what stands after ``for``: ``chunk in np.array_split(data, cores)``.
    clause: str | None
    options: Options
    #: The cell's source with the lines of the directive turned into comments, so that line
    #: numbers stay the user's own.
    body: str
    #: 1-based line of the directive in the cell; 0 for tags and metadata.
    line: int

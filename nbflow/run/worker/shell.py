"""The IPython shell that runs a task's cells: its displays go into the task's outputs."""

from __future__ import annotations

import atexit
import builtins
import functools
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from nbflow.records.message import Source
from nbflow.run.worker.event_loop import EventLoop
from nbflow.run.worker.observing import commands, observe
from nbflow.run.worker.outputs import Outputs
from nbflow.run.worker.sources import Sources, padded, runs_python

#: Names that a shell keeps in its namespace; they are no results of a step.
SHELL_NAMES = frozenset(
    {"In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh", "_exit_code"}
    | {"get_ipython", "exit", "quit", "open", "display"}
)


class NoKernel:
    """Stands for the kernel, and knows what libraries register with it for a page to call."""

    @property
    def comm_manager(self) -> Any:
        import comm  # late: few ask

        return comm.get_comm_manager()


class WorkerShell(InteractiveShell):
    """IPython as a notebook's user knows it from a kernel, without a kernel around it."""

    #: Where displays go; set for each task.
    outputs: Outputs
    sources: Sources
    event_loop: EventLoop
    #: What tells libraries that they are not in a terminal is that the attribute is there.
    kernel: NoKernel

    displayhook_class: Any = Type("nbflow.run.worker.shell.ResultHook")
    display_pub_class: Any = Type("nbflow.run.worker.shell.Publisher")
    compiler_class: Any = Type("nbflow.run.worker.shell.Compiler")
    compile: Any
    # Untyped in IPython.
    run_cell: Any
    set_hook: Any
    display_formatter: Any
    displayhook: Any
    ast_transformers: Any
    builtin_trap: Any
    prefilter_manager: Any
    magics_manager: Any
    loop_runner: Any
    loop_runner_map: Any
    _get_exc_info: Any

    @classmethod
    def create(cls, module: types.ModuleType) -> WorkerShell:
        """The shell of this process, with ``module`` as its namespace."""
        config = Config()
        # Its own database and the thread that writes it: nothing that a task needs.
        config.HistoryManager.enabled = False
        shell: WorkerShell = cls.instance(config=config, user_module=module)
        # `name?` opens a pager in a front end and leaves nothing in the notebook.
        shell.set_hook("show_in_pager", _no_pager, 0)
        # Asked before the formatters of pictures, which it puts in their places.
        first = shell.display_formatter.formatters["text/html"]
        first.for_type_by_name("matplotlib.figure", "Figure", shell.prepare_figures)
        shell.watch_scripts()
        shell.event_loop = shell.loop_runner = EventLoop()
        shell.kernel = NoKernel()
        shell.loop_runner_map = {**shell.loop_runner_map, "asyncio": (shell.event_loop, True)}
        shell.begin(Outputs(_nowhere, _never), Sources())
        return shell

    def watch_scripts(self) -> None:
        """Have it told what other programs are given to carry out (``%%bash``)."""
        scripts = self.magics_manager.registry["ScriptMagics"]
        carry_out = scripts.shebang

        @functools.wraps(carry_out)
        def shebang(line: str, cell: str) -> Any:
            if observe.active is not None:
                commands.to_script(observe.active, cell)
            return carry_out(line, cell)

        scripts.shebang = shebang
        self.magics_manager.magics["cell"]["script"] = shebang

    def close(self) -> None:
        """Let go of it; IPython would keep it, and all it knows, until the process ends."""
        scripts = self.magics_manager.registry["ScriptMagics"]
        scripts.kill_bg_processes()
        atexit.unregister(scripts.kill_bg_processes)
        atexit.unregister(self.atexit_operations)
        self.event_loop.close()

    def begin(self, outputs: Outputs, sources: Sources) -> None:
        """Have the next cells displayed and named for one task."""
        self.outputs = outputs
        self.sources = sources
        self.compile.sources = sources
        self.last_displayed("")
        #: Exceptions that have ended a cell, or a magic that runs Python.
        self.shown: list[BaseException] = []
        #: Shows other ones, where they come: of formatters and callbacks, of ``showtraceback()``.
        self.show_error: Callable[[BaseException], None] = self.shown.append
        self._is_magic = False

    def run(self, source: Source) -> None:
        """Run one cell; raises what the cell raises."""
        self.compile.current = self.sources.add_body(source)
        if source.line > 1 and len(source.text.splitlines()) == 1:
            # Only a cell of one line may leave out a magic's `%`: before lines are put above it.
            with self.builtin_trap:
                text = self.prefilter_manager.prefilter_lines(source.text)
            source = msgspec.structs.replace(source, text=text)
        text = padded(source)
        self._is_magic = runs_python(text)
        before = len(self.shown)
        with self.event_loop.around(source):
            result = self.run_cell(text, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        if error is None and self._is_magic and len(self.shown) > before:
            # The magic left it at a traceback, and the step would seem to succeed.
            error = self.shown[-1]
        if error is None:
            return
        if not source.may_raise or not isinstance(error, Exception):
            raise error
        self.show_error(error)

    def should_run_async(self, raw_cell: str, **options: Any) -> bool:
        """Ask twice, as a kernel and its shell do: the compiler's warnings are told each time."""
        asked = functools.partial(super().should_run_async, raw_cell, **options)
        return bool(asked() or asked())

    def last_displayed(self, value: object) -> None:
        """Let ``_`` be this value, as if it had been displayed last; the next display is new."""
        hook = self.displayhook
        hook._, hook.__, hook.___ = value, "", ""
        self.user_ns.update({"_": value, "__": "", "___": ""})
        hook.has_displayed = False

    @property
    def has_displayed(self) -> bool:
        """Whether a value has been displayed since."""
        return bool(self.displayhook.has_displayed)

    def evaluate(self, source: Source) -> object:
        """The value of one expression."""
        name = self.sources.add_body(source)
        code = compile(
            "\n" * (source.line - 1) + source.text,
            name,
            "eval",
            flags=self.compile.flags,
            dont_inherit=True,
        )
        with self.builtin_trap, self.event_loop.around(source):
            return eval(code, self.user_ns)

    def define(self, source: Source) -> None:
        """Execute a definition: plain Python, whose ``__future__`` imports hold afterwards."""
        text = "\n" * (source.line - 1) + source.text + "\n"
        with self.builtin_trap:
            exec(self.compile(text, self.sources.add(source), "exec"), self.user_ns)

    def enable_gui(self, gui: str | None = None) -> None:
        """Accept what ``%matplotlib`` asks for: there is no event loop to integrate."""

    def prepare_figures(self, _figure: object) -> None:
        """Have figures shown that were drawn in another process: drawing would prepare it here."""
        from matplotlib import get_backend

        backend = get_backend()
        if "inline" in backend:
            from matplotlib_inline.backend_inline import configure_inline_support

            configure_inline_support(self, backend)

    @contextmanager
    def _tee(self, channel: str) -> Iterator[None]:  # noqa: ARG002 - the base class's signature
        """Keep no second copy of what is printed, as IPython's history would."""
        yield

    def _format_exception_for_storage(self, *_args: Any, **_options: Any) -> dict[str, Any]:
        """Keep no formatted traceback in a history that nobody reads."""
        return {}

    def ask_exit(self) -> None:
        raise SystemExit(0)

    def showtraceback(
        self,
        exc_tuple: Any = None,
        *_args: Any,
        running_compiled_code: bool = False,
        **_options: Any,
    ) -> None:
        error = self._get_exc_info(exc_tuple)[1]
        if running_compiled_code or self._is_magic:
            self.shown.append(error)  # it is formatted by the task
        else:
            self.show_error(error)

    def showsyntaxerror(self, *_args: Any, **_options: Any) -> None:
        self.shown.append(self._get_exc_info()[1])


# Libraries ask for this name, and show in any other shell what fits a terminal.
WorkerShell.__name__ = WorkerShell.__qualname__ = "ZMQInteractiveShell"


class Compiler(CachingCompiler):
    """Compiles a cell under the name that tracebacks show."""

    sources: Sources
    current: str = ""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return self.current or super().get_code_name(raw_code, transformed_code, number)

    def format_code_name(self, name: str) -> tuple[str, str] | None:
        source = self.sources.find(name)
        if source is None:
            return super().format_code_name(name)
        return "cell", f"[{source.number}]" + (f" step {source.step}" if source.step else "")


class ResultHook(DisplayHook):
    """Shows the last expression as an ``execute_result``."""

    shell: Any
    has_displayed = False

    def update_user_ns(self, result: Any) -> None:
        self.has_displayed = True
        super().update_user_ns(result)  # type: ignore[no-untyped-call]

    def write_output_prompt(self) -> None:
        """No prompt: the front end has its own."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.outputs.result(format_dict, md_dict or {})

    def finish_displayhook(self) -> None:
        self._is_active = False


class Publisher(DisplayPublisher):
    """Shows displays, their updates and clearings."""

    def publish(
        self,
        data: Any,
        metadata: Any = None,
        *_args: Any,
        transient: Any = None,
        update: bool = False,
        **_options: Any,
    ) -> None:
        self.shell.outputs.display(data, metadata or {}, transient or {}, update)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear(wait)


def refuse_input(*_args: object, **_options: object) -> str:
    """Stands for ``input`` and ``getpass``."""
    raise StdinNotImplementedError(
        "input() cannot be used in a step: it runs in a process of its own; make it a parameter"
    )


def close_input() -> None:
    """Make ``input`` and ``getpass`` say that a step cannot ask."""
    import getpass

    builtins.input = refuse_input
    getpass.getpass = refuse_input


def _no_pager(_shell: object, _data: object, **_options: object) -> None:
    """Show nothing."""


def _nowhere(_content: object) -> None:
    """The outputs of a shell that runs no task."""


def _never() -> None:
    """Nothing waits there either."""

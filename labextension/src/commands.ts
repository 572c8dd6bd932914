// What can be done with a flow, by palette, menu, toolbar or key.

import { NotebookActions, NotebookPanel } from "@jupyterlab/notebook";
import { TranslationBundle } from "@jupyterlab/translation";
import { downloadIcon, editIcon, fastForwardIcon, runIcon, searchIcon, stopIcon } from "@jupyterlab/ui-components";
import { CommandRegistry } from "@lumino/commands";
import * as editing from "./editing.js";
import { fitIcon, flowIcon } from "./icons.js";
import { Kind, markOf } from "./marking.js";
import { FlowPanel } from "./panel.js";
import { save } from "./picture.js";
import { Act, Answer } from "./protocol.js";
import { FlowSource } from "./source.js";
import { CommandIDs } from "./tokens.js";

/** What the commands are about: the panel in front, else the notebook in front. */
export interface Front {
  panel(): FlowPanel | null;
  source(): FlowSource | null;
  open(source: FlowSource): FlowPanel;
  find(path: string): NotebookPanel | null;
  sourceOf(notebook: NotebookPanel): FlowSource;
}

export function addCommands(commands: CommandRegistry, front: Front, trans: TranslationBundle): void {
  /** The step that a command is about: of the panel in front, or the active cell. */
  const step = (): string | null => {
    const id = cell();
    return id !== null && front.source()!.model.stateOf(id) !== null ? id : null;
  };
  /** The cell that a command is about, a step's or not. */
  const cell = (): string | null => {
    const panel = front.panel();
    if (panel !== null) return panel.cell;
    return front.source()?.notebook.content.activeCell?.model.id ?? null;
  };
  const isCode = () => {
    const id = cell();
    return id !== null && front.source()!.cell(id)?.cell_type === "code";
  };
  const isMarked = () => isCode() && markOf(front.source()!.cell(cell()!)!) !== null;
  const hasFlow = () => front.source()?.model.hasSteps ?? false;
  const hasStep = () => step() !== null;
  /** Whether it is one step, and no group of several. */
  const hasOne = () => hasStep() && !front.source()!.model.isGroup(step()!);

  commands.addCommand(CommandIDs.open, {
    label: named(trans.__("Show the Flow")),
    caption: trans.__("Show the flow of this notebook beside it"),
    icon: flowIcon,
    isEnabled: (args) => Boolean(args.path) || front.source() !== null,
    execute: (args) => {
      const notebook = args.path ? front.find(String(args.path)) : null;
      const source = notebook ? front.sourceOf(notebook) : args.path ? null : front.source();
      return source && front.open(source);
    },
  });
  commands.addCommand(CommandIDs.runFlow, {
    label: named(trans.__("Run the Flow")),
    caption: trans.__("Bring all steps up to date, in the background"),
    icon: fastForwardIcon,
    isEnabled: () => hasFlow() && !front.source()!.model.running,
    execute: () => run(front.source()!, []),
  });
  commands.addCommand(CommandIDs.bringUp, {
    label: named(trans.__("Run This Step")),
    caption: trans.__("Bring this step up to date with all that it needs, in the background"),
    icon: runIcon,
    isVisible: hasStep,
    isEnabled: () => hasStep() && !front.source()!.model.running,
    execute: () => run(front.source()!, front.source()!.model.stepsOf(step()!)),
  });
  commands.addCommand(CommandIDs.runToHere, {
    label: named(trans.__("Run to Here")),
    caption: trans.__("Bring all steps up to date that stand in the notebook down to this cell"),
    icon: runIcon,
    isEnabled: () => hasFlow() && cell() !== null && !front.source()!.model.running,
    execute: () => {
      const source = front.source()!;
      const ids = source.cells().map(({ id }) => id);
      const above = ids.slice(0, ids.indexOf(cell()!) + 1);
      const steps = above.filter((id) => source.model.stateOf(id) !== null);
      if (steps.length === 0) source.model.say(trans.__("There is no step down to this cell."));
      else void run(source, steps);
    },
  });
  commands.addCommand(CommandIDs.runStep, {
    label: named(trans.__("Run the Cell of This Step")),
    icon: runIcon,
    isEnabled: hasOne,
    execute: async () => {
      const source = front.source()!;
      const { content, sessionContext } = source.notebook;
      const cell = content.widgets.find(({ model }) => model.id === step());
      if (!cell) return;
      const missing = await source.load();
      if (missing !== null) return tell(source, missing);
      await NotebookActions.runCells(content, [cell], sessionContext);
    },
  });
  commands.addCommand(CommandIDs.cancel, {
    label: named(trans.__("Cancel the Run")),
    caption: trans.__("End the run in progress; what has completed stays"),
    icon: stopIcon,
    isEnabled: () => front.source()?.model.running ?? false,
    execute: () => front.source()!.cancel(),
  });
  commands.addCommand(CommandIDs.why, {
    label: named(trans.__("Why Would This Step Run?")),
    isEnabled: hasOne,
    execute: () => {
      const cell = step()!;
      front.open(front.source()!).explain(cell, "why");
    },
  });
  commands.addCommand(CommandIDs.verify, {
    label: named(trans.__("Verify This Step")),
    caption: trans.__("Run it once more in a clean process, and compare what it gives with what is kept"),
    isEnabled: () => hasStep() && !front.source()!.model.running,
    execute: () => act(front.source()!, "verify", front.source()!.model.stepsOf(step()!)),
  });
  commands.addCommand(CommandIDs.accept, {
    label: named(trans.__("Accept the Result of This Step…")),
    caption: trans.__("Keep its result though a harmless change made it stale, and record why"),
    isEnabled: () => hasOne() && !front.source()!.model.running,
    execute: async () => {
      const [source, cells] = [front.source()!, [step()!]];
      const note = await editing.reason(trans);
      if (note) await act(source, "accept", cells, note);
    },
  });
  commands.addCommand(CommandIDs.clear, {
    label: named(trans.__("Clear This Step")),
    caption: trans.__("Forget its results, so that it runs again"),
    isEnabled: () => hasStep() && !front.source()!.model.running,
    execute: () => act(front.source()!, "clear", front.source()!.model.stepsOf(step()!)),
  });
  commands.addCommand(CommandIDs.find, {
    label: named(trans.__("Find Steps")),
    caption: trans.__("Show the steps whose names or statuses hold some words"),
    icon: searchIcon,
    isEnabled: hasFlow,
    execute: () => front.open(front.source()!).graph.find(),
  });
  commands.addCommand(CommandIDs.follow, {
    label: named(trans.__("Follow What Runs")),
    caption: trans.__("Keep the step that runs where it can be seen"),
    isEnabled: () => front.panel() !== null,
    isToggled: () => front.panel()?.graph.follows ?? false,
    execute: () => {
      const { graph } = front.panel()!;
      graph.follows = !graph.follows;
    },
  });
  commands.addCommand(CommandIDs.toggleGroup, {
    label: named(trans.__("Fold or Unfold the Steps under This Heading")),
    caption: trans.__("Make the steps under one heading one card, as the notebook folds their cells away"),
    isEnabled: () => front.panel() !== null && hasStep(),
    execute: () => front.panel()!.toggleGroup(),
  });
  commands.addCommand(CommandIDs.fit, {
    label: named(trans.__("Show the Whole Graph")),
    icon: fitIcon,
    isEnabled: () => front.panel() !== null,
    execute: () => front.panel()!.graph.fit(),
  });
  for (const [id, type] of [
    [CommandIDs.exportSvg, "svg"],
    [CommandIDs.exportPng, "png"],
  ] as const)
    commands.addCommand(id, {
      label: named(trans.__("Save the Graph as %1", type.toUpperCase())),
      caption: trans.__("Save the graph as a picture"),
      icon: downloadIcon,
      isEnabled: hasFlow,
      execute: async () => {
        const source = front.source()!;
        const answer = await source.picture();
        if (answer.picture) await save(answer.picture, source.model.title, type);
        else source.model.say(answer.error ?? "");
      },
    });
  const marks: [string, Kind, string][] = [
    [CommandIDs.markStep, "step", trans.__("Make This Cell a Step…")],
    [CommandIDs.markForeach, "foreach", trans.__("Make This Cell a Foreach…")],
    [CommandIDs.markParameters, "parameters", trans.__("Make This Cell the Parameters")],
    [CommandIDs.markSetup, "setup", trans.__("Make This Cell Set-Up for All Steps")],
  ];
  for (const [id, kind, label] of marks)
    commands.addCommand(id, {
      label: named(label),
      isEnabled: isCode,
      execute: () => editing.mark(front.source()!, cell()!, kind, trans),
    });
  commands.addCommand(CommandIDs.rename, {
    label: named(trans.__("Rename This Step…")),
    icon: editIcon,
    isEnabled: () => hasStep() && isMarked(),
    execute: () => editing.rename(front.source()!, cell()!, trans),
  });
  commands.addCommand(CommandIDs.options, {
    label: named(trans.__("Options of This Step…")),
    isEnabled: isMarked,
    execute: () => editing.options(front.source()!, cell()!, trans),
  });
  commands.addCommand(CommandIDs.unmark, {
    label: named(trans.__("Make This Cell an Ordinary One")),
    isEnabled: isMarked,
    execute: () => editing.unmark(front.source()!, cell()!),
  });
}

/** In the palette, a command says whose it is; in a menu, what stands around it does. */
function named(label: string): (args: { isPalette?: unknown }) => string {
  return ({ isPalette }) => (isPalette ? `nbflow: ${label}` : label);
}

function run(source: FlowSource, cells: string[]): Promise<void> {
  return act(source, "run", cells);
}

async function act(source: FlowSource, what: Act, cells: string[], note = ""): Promise<void> {
  source.model.say("");
  tell(source, await source.act(what, cells, note));
}

function tell(source: FlowSource, { error, remedy, said }: Answer): void {
  const told = error ? [error, remedy].filter(Boolean).join(" — ") : said;
  if (told) source.model.say(told, Boolean(error));
}

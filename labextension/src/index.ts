// Puts the panel into JupyterLab and Notebook: one for each notebook that asks for one.

import { ILabShell, ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { CommandToolbarButton, ICommandPalette, WidgetTracker } from "@jupyterlab/apputils";
import { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { ITranslator, nullTranslator } from "@jupyterlab/translation";
import { Toolbar } from "@jupyterlab/ui-components";
import { Badges } from "./badges.js";
import { addCommands, Front } from "./commands.js";
import { FlowPanel, LinkStatus } from "./panel.js";
import { FlowServer } from "./server.js";
import { FlowSource } from "./source.js";
import { CommandIDs, DOMAIN, PLUGIN } from "./tokens.js";

/** Commands that a toolbar shows all the time: those about the active cell, and all of them. */
const OF_CELL = [CommandIDs.bringUp];
const ON_TOOLBARS = [
  ...OF_CELL,
  CommandIDs.runFlow,
  CommandIDs.cancel,
  CommandIDs.find,
  CommandIDs.exportSvg,
];

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description: "The panel of nbflow: the live graph of a notebook's flow.",
  autoStart: true,
  requires: [INotebookTracker, IRenderMimeRegistry],
  optional: [ILabShell, ICommandPalette, ILayoutRestorer, ITranslator],
  activate,
};

function activate(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker,
  rendermime: IRenderMimeRegistry,
  lab: ILabShell | null,
  palette: ICommandPalette | null,
  restorer: ILayoutRestorer | null,
  translator: ITranslator | null,
): void {
  const trans = (translator ?? nullTranslator).load(DOMAIN);
  const server = new FlowServer(app.serviceManager.serverSettings);
  const panels = new WidgetTracker<FlowPanel>({ namespace: "nbflow" });
  const sources = new WeakMap<NotebookPanel, FlowSource>();

  function sourceOf(notebook: NotebookPanel): FlowSource {
    let source = sources.get(notebook);
    if (source === undefined) {
      sources.set(notebook, (source = new FlowSource(notebook, server, trans)));
      new Badges(notebook.content, source.model, trans);
      for (const what of ["running", "states", "drawing"])
        source.model.on(`change:${what}`, () => notify(ON_TOOLBARS));
    }
    return source;
  }

  /** Have buttons look anew whether they can be pressed; told of no command, all of JupyterLab's would. */
  function notify(commands: string[]): void {
    for (const command of commands) app.commands.notifyCommandChanged(command);
  }

  function inFront(): FlowPanel | null {
    const { currentWidget } = app.shell;
    if (currentWidget instanceof FlowPanel) return currentWidget;
    // In a side area nothing is ever the current widget.
    const focused = panels.find((panel) => panel.node.contains(document.activeElement));
    return focused ?? null;
  }

  const front: Front = {
    panel: inFront,
    source: () => {
      const panel = inFront();
      if (panel !== null) return panel.source;
      return notebooks.currentWidget && sourceOf(notebooks.currentWidget);
    },
    find: (path) => notebooks.find((notebook) => notebook.context.path === path) ?? null,
    sourceOf,
    open: (source) => {
      let panel = panels.find((one) => one.source === source);
      if (panel === undefined) {
        panel = new FlowPanel(source, rendermime, trans);
        furnish(panel);
        void panels.add(panel);
        source.notebook.context.pathChanged.connect(() => void panels.save(panel!));
      }
      if (!panel.isAttached) {
        // Beside the notebook; where only one document is shown at a time, at its side.
        const beside = lab !== null && lab.mode !== "single-document";
        const ref = source.notebook.id;
        if (beside) app.shell.add(panel, "main", { mode: "split-right", ref, activate: false });
        else app.shell.add(panel, "right", { rank: 200 });
      }
      app.shell.activateById(panel.id);
      return panel;
    },
  };

  function furnish({ toolbar, source, graph }: FlowPanel): void {
    graph.begun.connect(() => {
      if (app.commands.isEnabled(CommandIDs.markStep)) void app.commands.execute(CommandIDs.markStep);
      else source.model.say(trans.__("Choose a code cell: the active one is none."));
    });
    const button = (id: string, label = "") =>
      new CommandToolbarButton({ commands: app.commands, id, label });
    toolbar.addItem("run", button(CommandIDs.runFlow, trans.__("Run")));
    toolbar.addItem("cancel", button(CommandIDs.cancel));
    toolbar.addItem("spacer", Toolbar.createSpacerItem());
    toolbar.addItem("link", new LinkStatus(source, trans));
    toolbar.addItem("find", button(CommandIDs.find));
    toolbar.addItem("export", button(CommandIDs.exportSvg));
  }

  addCommands(app.commands, front, trans);
  notebooks.widgetAdded.connect((_, notebook) => void sourceOf(notebook));
  notebooks.activeCellChanged.connect(() => notify(OF_CELL));
  const category = trans.__("Notebook Flow");
  for (const command of Object.values(CommandIDs)) palette?.addItem({ command, category, args: { isPalette: true } });
  void restorer?.restore(panels, {
    command: CommandIDs.open,
    args: ({ source }) => ({ path: source.notebook.context.path }),
    name: ({ source }) => source.notebook.context.path,
    when: notebooks.restored,
  });
}

export default plugin;

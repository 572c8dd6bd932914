// Folds away what is below a heading of the notebook, as the notebook itself does it: the fold is
// kept in the heading's cell, where everybody finds it.

import { MarkdownCell } from "@jupyterlab/cells";
import { Notebook, NotebookActions } from "@jupyterlab/notebook";

/** Folds or unfolds the nearest heading at or above a cell; gives its cell's id, or null. */
export async function toggleHeading(notebook: Notebook, cell: string): Promise<string | null> {
  const { widgets } = notebook;
  const markdown = widgets.filter((widget) => widget instanceof MarkdownCell) as MarkdownCell[];
  // They are read bit by bit after the notebook has been opened.
  await Promise.all(markdown.map((widget) => widget.getHeadings?.()));
  const below = widgets.findIndex(({ model }) => model.id === cell);
  for (const widget of widgets.slice(0, below + 1).reverse()) {
    const { isHeading, collapsed } = NotebookActions.getHeadingInfo(widget);
    if (!isHeading || widget.isHidden) continue;
    NotebookActions.setHeadingCollapse(widget, !collapsed, notebook);
    return widget.model.id;
  }
  return null;
}

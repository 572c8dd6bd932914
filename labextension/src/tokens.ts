// Names that others may use: the plugin's, and those of its commands.

export const PLUGIN = "@nbflow/lab:plugin";

export namespace CommandIDs {
  export const open = "nbflow:open";
  export const runFlow = "nbflow:run-flow";
  export const runStep = "nbflow:run-step";
  export const bringUp = "nbflow:bring-up-to-date";
  export const cancel = "nbflow:cancel";
  export const why = "nbflow:why";
  export const toggleGroup = "nbflow:toggle-group";
  export const fit = "nbflow:fit";
  export const exportSvg = "nbflow:export-svg";
  export const exportPng = "nbflow:export-png";
}

// Names that others may use: the plugin's, that of its translations, and those of its commands.

export const PLUGIN = "@nbflow/lab:plugin";

/** What JupyterLab calls the translations of this package; those of its settings and menus, too. */
export const DOMAIN = "nbflow_lab";

export namespace CommandIDs {
  export const open = "nbflow:open";
  export const runFlow = "nbflow:run-flow";
  export const runStep = "nbflow:run-step";
  export const bringUp = "nbflow:bring-up-to-date";
  export const cancel = "nbflow:cancel";
  export const runToHere = "nbflow:run-to-here";
  export const why = "nbflow:why";
  export const verify = "nbflow:verify";
  export const accept = "nbflow:accept";
  export const clear = "nbflow:clear";
  export const find = "nbflow:find";
  export const follow = "nbflow:follow";
  export const toggleGroup = "nbflow:toggle-group";
  export const fit = "nbflow:fit";
  export const exportSvg = "nbflow:export-svg";
  export const exportPng = "nbflow:export-png";
  export const markStep = "nbflow:mark-step";
  export const markForeach = "nbflow:mark-foreach";
  export const markParameters = "nbflow:mark-parameters";
  export const markSetup = "nbflow:mark-setup";
  export const rename = "nbflow:rename";
  export const options = "nbflow:options";
  export const unmark = "nbflow:unmark";
}

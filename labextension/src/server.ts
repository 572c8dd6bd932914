// The way to Jupyter's server, which knows a notebook's flow before there is a kernel.

import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";
import { Answer, DocumentCell, Flow } from "./protocol.js";

export class FlowServer {
  constructor(private settings: ServerConnection.ISettings) {}

  /** The flow that these cells make, and what of it the store has. */
  flow(path: string, cells: DocumentCell[]): Promise<Flow> {
    return this.ask("flow", { path }, cells) as Promise<Flow>;
  }

  /** Another text whenever anybody has written to the notebook's store. */
  async stamp(path: string): Promise<string> {
    return ((await this.ask("stamp", { path })) as { stamp: string }).stamp;
  }

  details(path: string, cells: DocumentCell[], cell: string): Promise<Answer> {
    return this.ask("details", { path, cell }, cells) as Promise<Answer>;
  }

  logs(path: string, cells: DocumentCell[], cell: string, seen: string): Promise<Answer> {
    return this.ask("logs", { path, cell, seen }, cells) as Promise<Answer>;
  }

  picture(path: string, cells: DocumentCell[]): Promise<Answer> {
    return this.ask("picture", { path }, cells) as Promise<Answer>;
  }

  private async ask(what: string, query: Record<string, string>, cells?: DocumentCell[]): Promise<unknown> {
    const url = URLExt.join(this.settings.baseUrl, "nbflow", what) + URLExt.objectToQueryString(query);
    const request = cells ? { method: "POST", body: JSON.stringify({ cells }) } : { method: "GET" };
    const response = await ServerConnection.makeRequest(url, request, this.settings);
    if (response.ok) return response.json();
    const { message } = await response.json().catch(() => ({ message: "" }));
    throw new Error(message || `${response.status} ${response.statusText}`);
  }
}

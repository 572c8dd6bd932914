// What a step put out, as far as it is searched for: no JupyterLab, no page.

import { LogSection } from "./protocol.js";

type Output = Record<string, unknown>;

/** What is left of logs under a search, and how many lines of how many that is. */
export interface Found {
  sections: LogSection[];
  lines: number;
  of: number;
}

/** The lines with this text in them, in whichever case; a display counts as the lines of its text. */
export function search(sections: LogSection[], text: string): Found {
  const needle = text.toLowerCase();
  const found: Found = { sections: [], lines: 0, of: 0 };
  for (const section of sections) {
    const outputs: Output[] = [];
    for (const output of section.outputs) {
      const lines = linesOf(output);
      const hits = lines.filter((line) => plain(line).toLowerCase().includes(needle));
      found.of += lines.length;
      found.lines += hits.length;
      const last = outputs.at(-1);
      if (!needle || (hits.length > 0 && output.output_type !== "stream")) outputs.push(output);
      else if (hits.length === 0) continue;
      else if (last?.output_type === "stream" && last.name === output.name)
        outputs[outputs.length - 1] = { ...last, text: last.text + hits.join("") };
      else outputs.push({ ...output, text: hits.join("") });
    }
    if (outputs.length > 0) found.sections.push({ ...section, outputs });
  }
  return found;
}

/** The lines of an output, each with its end. */
function linesOf(output: Output): string[] {
  const data = (output.data ?? {}) as Output;
  const text =
    output.text ?? data["text/plain"] ?? [...((output.traceback as string[]) ?? []), ""].join("\n");
  const whole = Array.isArray(text) ? text.join("") : String(text);
  return whole.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Without a terminal's colours. */
function plain(line: string): string {
  return line.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "");
}

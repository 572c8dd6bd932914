// Drawn in the colours of the front end's theme.

import { LabIcon } from "@jupyterlab/ui-components";

export const flowIcon = new LabIcon({
  name: "nbflow:flow",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <rect x="2" y="8.5" width="7" height="7" rx="2"/>
    <rect x="15" y="2.5" width="7" height="7" rx="2"/>
    <rect x="15" y="14.5" width="7" height="7" rx="2"/>
    <path d="M8.5 11.2h2.2c1.1 0 1.3-.5 1.7-1.6l.6-1.6c.6-1.7 1.3-2.8 2.8-2.8v1.6c-.6 0-.9.5-1.4 1.8l-.6 1.6c-.7 1.8-1.3 2.6-3.1 2.6H8.5zM8.5 12.8v-1.6h2.2c1.8 0 2.4.8 3.1 2.6l.6 1.6c.5 1.3.8 1.8 1.4 1.8v1.6c-1.5 0-2.2-1.1-2.8-2.8l-.6-1.6c-.4-1.1-.6-1.6-1.7-1.6z"/>
  </g>
</svg>`,
});

export const fitIcon = new LabIcon({
  name: "nbflow:fit",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <path class="jp-icon3" fill="#616161" d="M4 4h6v2H6v4H4zm10 0h6v6h-2V6h-4zM4 14h2v4h4v2H4zm14 0h2v6h-6v-2h4z"/>
</svg>`,
});

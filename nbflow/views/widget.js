// Draws the graph of a flow in an output cell, and in JupyterLab's panel (labextension/). What is
// drawn and where is computed by Python (picture.py, drawn.py); here it is put on the page and moved
// about. Texts of the notebook are only ever set as text or as attributes, never parsed.

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 24;
const TALLEST = 460; // pixels of the canvas, unless somebody pulls it
const SMALLEST = 0.05;
const LARGEST = 3;
const READABLE = 0.45; // a graph that does not fit at this zoom starts at its left
const FAR = 0.3; // texts are hidden below
const DENSE = 40; // names on arrows; of more, those at the card that is looked at are shown
const MANY = 300; // cards; of more, nobody misses the finer points of each, and drawing them takes long
const STEP = 1.25; // of a zoom by button or key
const GAP = 8; // between a node and what is told of it
const PUSH = 60; // pixels of a move by key
const TEXT_RIGHT = 14; // from a card's texts to its right
const TICK = 1000; // milliseconds

let views = 0;

/** A duration that grows: in whole seconds, and in the two units that matter. */
function elapsed(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (count) => String(count).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} m`;
}

/** A text in English, with its values in the place of ``%1``, … */
function plain(text, ...values) {
  return text.replace(/%(\d)/g, (_, number) => values[number - 1]);
}

/** A text of Python's as the page says it: what is nobody's words, or words with their values. */
export function worded(text, own) {
  if (typeof text === "string") return text;
  const [words, ...values] = text;
  return own(words, ...values.map((value) => worded(value, own)));
}

let pencil = null;
let family = ""; // of the fonts on the page

/** How wide a text is in a font. */
function width(text, font) {
  pencil ??= document.createElement("canvas").getContext("2d");
  pencil.font = font;
  return pencil.measureText(text).width;
}

/** As much of a text as there is room for, in a font. */
function fit(text, font, room) {
  const fits = (length) => width(`${text.slice(0, length)}…`, font) <= room;
  if (width(text, font) <= room) return text;
  let [least, most] = [0, text.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(middle)) least = middle;
    else most = middle - 1;
  }
  return least > 1 ? `${text.slice(0, least).trimEnd()}…` : "";
}

/** An element of a picture, with attributes and children. */
function draw(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** An element of the page, with properties and children. */
function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** Whether the page is dark, whichever way it says so. */
function isDark(element) {
  const { jpThemeLight, vscodeThemeKind } = document.body.dataset;
  if (jpThemeLight) return jpThemeLight === "false";
  if (vscodeThemeKind) return !vscodeThemeKind.includes("light");
  for (let above = element.parentElement; above; above = above.parentElement) {
    const [red, green, blue, alpha = 1] =
      getComputedStyle(above).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    if (alpha > 0.5) return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** One card with its texts and signs; it is drawn when it is first seen, and then only changed. */
class Card {
  constructor(card, measures, position, own) {
    this.card = card; // as Python drew it
    this.own = own;
    this.measures = measures;
    this.position = position;
    this.room = card.width - measures.text - TEXT_RIGHT;
    this.arrows = []; // and the labels on them
    this.marks = new Set(); // classes
    this.middle = [card.x + card.width / 2, card.y + measures.card / 2];
  }

  /** Its frame, as far as anybody has drawn it; null before. */
  frame = null;

  /** Its texts and signs, likewise: nobody reads them from far away. */
  inner = null;

  /** What it is instead from there: a shape for each status, since a colour alone would not do. */
  spot = null;

  drawFrame() {
    const { card, measures } = this;
    const front = { width: card.width, height: measures.card, rx: card.radius };
    const behind = ["foreach", "group"].includes(card.kind) ? [2 * measures.stack, measures.stack] : [];
    this.frame = draw(
      "g",
      { role: "listitem", tabindex: -1, transform: `translate(${card.x} ${card.y})` },
      ...behind.map((by) => draw("rect", { ...front, class: "card", x: by, y: by })),
      draw("rect", { ...front, class: "card front" }),
    );
    this.dress();
  }

  drawInner() {
    const { card, measures } = this;
    this.icon = draw("path", { class: "icon", transform: "translate(18 21)" });
    this.ring = draw("circle", { class: "ring", r: 13, pathLength: 100, transform: "rotate(-90)" });
    this.name = draw("text", { class: "name", x: measures.text }, card.name);
    this.count = draw("text", { class: "count", x: card.width - 14, "text-anchor": "end" });
    this.sign = draw("tspan", { class: "word" });
    this.detail = draw("tspan");
    const second = { class: "detail", x: measures.text, y: measures.card / 2 + 14 };
    this.inner = draw(
      "g",
      {},
      draw("circle", { class: "disc", cx: 26, cy: measures.card / 2, r: 13 }),
      draw("g", { transform: `translate(26 ${measures.card / 2})` }, this.ring),
      this.icon,
      this.name,
      this.count,
      (this.second = draw("text", second, this.sign, this.detail)),
    );
    this.write();
  }

  drawSpot() {
    const { card, measures } = this;
    this.spot = draw("path", { class: "spot", transform: `scale(${card.width / 16} ${measures.card / 4})` });
    this.shape();
  }

  show(state) {
    this.state = state;
    this.clock = "";
    if (this.frame) this.dress();
    if (this.spot) this.shape();
    if (this.inner) this.write();
  }

  mark(name, is) {
    if (is === this.marks.has(name)) return;
    if (is) this.marks.add(name);
    else this.marks.delete(name);
    this.frame?.classList.toggle(name, is);
  }

  dress() {
    this.frame.setAttribute("class", ["node", this.card.kind, this.state.look, ...this.marks].join(" "));
    this.frame.setAttribute("aria-label", this.told());
  }

  shape() {
    this.spot.setAttribute("d", this.measures.spots[this.state.look]);
  }

  write() {
    const { state } = this;
    this.icon.setAttribute("d", state.icon);
    const detail = (this.lead = this.brief());
    this.name.setAttribute("y", state.word || detail ? 25 : 34);
    this.count.setAttribute("y", state.word || detail ? 25 : 34);
    this.count.textContent = this.worded("count");
    this.sign.textContent = this.word;
    this.say(detail, this.clock);
    const known = state.done !== null;
    this.ring.setAttribute("class", known ? "ring part" : "ring turning");
    this.ring.setAttribute("stroke-dasharray", known ? `${100 * state.done} 100` : "28 72");
  }

  /** What the card has room for, beside its status. */
  brief() {
    const text = this.worded(this.measures.down ? "brief" : "detail");
    family ||= getComputedStyle(this.frame).fontFamily;
    const font = `11.5px ${family || "sans-serif"}`;
    const lead = this.word ? width(`${this.word} · `, `600 ${font}`) : 0;
    return text && fit(text, font, this.room - lead);
  }

  /** Behind its status. */
  say(...told) {
    const said = told.filter(Boolean).join(" · ");
    this.detail.textContent = (this.state.word && said ? " · " : "") + said;
  }

  /** Its status, in the language of the page. */
  get word() {
    return this.state.word && this.own(this.state.word);
  }

  get expected() {
    return this.worded("expected");
  }

  /** One of the texts of its state, likewise. */
  worded(name) {
    return worded(this.state[name], this.own);
  }

  get ticks() {
    return this.state.began !== null;
  }

  /** How long it has been running by a time in seconds, and about how long it will. */
  tick(now) {
    const taken = elapsed(now - this.state.began);
    this.clock = this.expected ? this.own("%1 of %2", taken, this.expected) : taken;
    if (!this.inner) return;
    for (const told of [[this.lead, this.clock], [this.lead, taken], [this.lead || taken]]) {
      this.say(...told);
      if (this.second.getComputedTextLength() <= this.room) return;
    }
  }

  kind() {
    const count = this.worded("count");
    if (this.card.kind === "group") return this.own("%1 under one heading", count);
    return [this.own(this.card.kind), count].filter(Boolean).join(" ");
  }

  told() {
    return [this.card.label, this.kind(), this.word, this.worded("story"), this.expected].filter(Boolean).join(", ");
  }
}

/** The graph in one place of the page.

    Its root is told ``nbflow-choose`` when a node is clicked, or Enter is pressed on it, with the
    position; with null for the ground beside all nodes. Enter on a group is ``nbflow-open``. */
export class View {
  /** ``own``: says a text of the view's own in the language of the page. */
  constructor(model, element, own = plain) {
    this.model = model;
    this.own = own;
    this.id = `nbflow-${++views}`;
    this.nodes = [];
    this.byElement = new Map(); // nodes
    this.marked = new Map(); // positions by the mark's class
    this.title = make("div", { className: "title" });
    this.summary = make("div", { className: "summary" });
    this.about = make("div", { className: "about", id: `${this.id}-about`, popover: "manual" });
    this.about.setAttribute("role", "tooltip");
    this.content = draw("g");
    this.svg = draw(
      "svg",
      { class: "graph", role: "application", tabindex: 0 },
      draw("defs", {}, this.tip(""), this.tip("near")),
      this.content,
    );
    this.canvas = make("div", { className: "canvas" }, this.svg);
    const tools = make(
      "div",
      { className: "tools" },
      this.button(own("Zoom out"), "M3 8h10", () => this.zoom(1 / STEP)),
      this.button(own("Zoom in"), "M3 8h10M8 3v10", () => this.zoom(STEP)),
      this.button(own("Show all"), "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10", () => this.fit()),
    );
    const head = make("div", { className: "head" }, make("div", {}, this.title, this.summary), tools);
    this.root = make("div", { className: "nbflow-view" }, head, this.canvas, this.about);
    this.root.dataset.lmSuppressShortcuts = "true"; // its keys are not the notebook's
    element.append(this.root);
    this.listen();
    this.redraw();
  }

  tip(kind) {
    const size = { viewBox: "0 0 8 8", refX: 6.5, refY: 4, markerWidth: 8, markerHeight: 8 };
    return draw(
      "marker",
      { ...size, id: `${this.id}-tip${kind}`, markerUnits: "userSpaceOnUse", orient: "auto" },
      draw("path", { class: `tip ${kind}`, d: "M0.5 0.8L7.5 4L0.5 7.2L2.3 4z" }),
    );
  }

  button(title, path, act) {
    const icon = draw("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, draw("path", { d: path }));
    const button = make("button", { type: "button", title, onclick: act }, icon);
    button.setAttribute("aria-label", title);
    return button;
  }

  listen() {
    this.end = new AbortController();
    const on = (target, name, act, options) =>
      target.addEventListener(name, act.bind(this), { signal: this.end.signal, ...options });
    on(this.svg, "wheel", this.wheel, { passive: false });
    on(this.svg, "keydown", this.key);
    on(this.svg, "pointerdown", this.grab);
    on(this.svg, "pointermove", this.pull);
    for (const name of ["pointerup", "pointercancel"]) on(this.svg, name, this.release);
    on(this.svg, "pointerover", this.point);
    on(this.svg, "pointerleave", () => this.look(this.nodeOf(document.activeElement)));
    on(this.svg, "focusin", (event) => this.reach(this.nodeOf(event.target)));
    on(this.svg, "focusout", () => this.look(null));
    on(this.svg, "click", this.click);
    const theme = () => this.root.classList.toggle("dark", isDark(this.root));
    on(matchMedia("(prefers-color-scheme: dark)"), "change", theme);
    this.themes = new MutationObserver(theme);
    for (const target of [document.documentElement, document.body])
      this.themes.observe(target, { attributes: true });
    this.sizes = new ResizeObserver(() => {
      theme(); // only now is it in the page
      if (!this.moved) this.start();
      this.keep();
    });
    this.sizes.observe(this.canvas);
    // A clock goes only where somebody can see it: not in a hidden tab, nor scrolled away.
    this.sights = new IntersectionObserver((entries) => {
      this.seen = entries.at(-1).isIntersecting;
      this.wind();
    });
    this.sights.observe(this.canvas);
    on(document, "visibilitychange", this.wind);
    this.pointers = new Map();
    this.pointed = [-1, -1];
    this.redraw = this.redraw.bind(this);
    this.restate = this.restate.bind(this);
    this.model.on("change:drawing", this.redraw);
    this.model.on("change:states", this.restate);
  }

  dispose() {
    this.end.abort();
    this.themes.disconnect();
    this.sizes.disconnect();
    this.sights.disconnect();
    clearInterval(this.clock);
    this.model.off("change:drawing", this.redraw);
    this.model.off("change:states", this.restate);
  }

  // ---- What is drawn ----

  redraw() {
    const drawing = (this.drawing = this.model.get("drawing"));
    const focused = this.nodeOf(document.activeElement);
    this.title.textContent = drawing.title;
    this.nodes = drawing.cards.map((card, position) => new Card(card, drawing, position, this.own));
    this.byElement = new Map(); // of those that are drawn
    this.many = this.nodes.length > MANY;
    this.root.classList.toggle("many", this.many);
    this.root.classList.toggle("dense", drawing.labels.length > DENSE);
    const lines = draw("g", { "aria-hidden": "true" });
    const labels = draw("g", { "aria-hidden": "true" });
    if (this.many)
      for (const kind of new Set(drawing.arrows.map((arrow) => arrow.kind))) {
        const paths = drawing.arrows.filter((arrow) => arrow.kind === kind).map((arrow) => arrow.path);
        lines.append(draw("path", { class: `edge ${kind}`, d: paths.join("") }));
      }
    for (const arrow of drawing.arrows) this.join(arrow, lines, () => this.line(arrow));
    for (const label of drawing.labels) this.join(label, labels, () => this.label(label));
    this.cards = draw("g", { role: "list" });
    this.content.replaceChildren(lines, this.cards, labels);
    this.looked = null;
    this.path = [];
    this.content.classList.remove("looking");
    this.about.hidePopover();
    this.restate();
    if (!this.many) for (const node of this.nodes) this.put(node);
    this.remark();
    this.canvas.style.height = `${Math.min(drawing.height + 2 * MARGIN, TALLEST)}px`;
    if (this.moved) this.cull();
    else this.start();
    if (focused) this.refocus(focused.card.label);
    else this.keep();
  }

  /** Puts a card on the page, with its texts, or as a spot where it is too far away for those. */
  put(node, far = false) {
    if (!node.frame) {
      node.drawFrame();
      this.byElement.set(node.frame, node);
    }
    if (!node.frame.parentNode) this.cards.append(node.frame);
    if (far && !node.spot) node.drawSpot();
    if (!far && !node.inner) node.drawInner();
    const [here, away] = far ? [node.spot, node.inner] : [node.inner, node.spot];
    away?.remove();
    if (!here.parentNode) node.frame.append(here);
  }

  /** Whoever is at a node with the keyboard stays at it, or with the graph where it is gone. */
  refocus(label) {
    const node = this.nodes.find(({ card }) => card.label === label);
    if (node) this.go(node);
    else this.svg.focus({ preventScroll: true });
  }

  /** An arrow, and what becomes of it while one of its ends is looked at. */
  line(arrow) {
    const element = draw("path", { class: `edge ${arrow.kind}` });
    const mark = (near) => {
      element.classList.toggle("near", near);
      element.setAttribute("d", near ? arrow.whole || arrow.path : arrow.path);
      element.setAttribute("marker-end", `url(#${this.id}-tip${near ? "near" : ""})`);
    };
    return [element, mark];
  }

  label(label) {
    const size = { x: label.x - label.width / 2, y: label.y - 7, width: label.width, height: 14, rx: 4 };
    const text = draw("text", { x: label.x, y: label.y + 3.5 }, label.text);
    const kind = label.crowded ? "label crowded" : "label";
    const element = draw("g", { class: kind }, draw("rect", { class: "behind", ...size }), text);
    return [element, (near) => element.classList.toggle("near", near)];
  }

  /** Lets both ends know what is between them; of many it is drawn only while one is looked at. */
  join({ source, target }, place, make) {
    let drawn = null; // the element, and what marks it
    const put = () => {
      drawn = make();
      place.append(drawn[0]);
    };
    const look = (near) => {
      if (!drawn) put();
      drawn[1](near);
      if (near || !this.many) return;
      drawn[0].remove();
      drawn = null;
    };
    if (!this.many) look(false);
    const arrow = { source, target, look, element: drawn?.[0] };
    for (const end of new Set([source, target])) this.nodes[end].arrows.push(arrow);
  }

  restate() {
    if (this.drawing !== this.model.get("drawing")) return; // it comes with states of its own
    const states = this.model.get("states");
    for (const node of this.nodes) {
      const state = states[node.position];
      if (state !== node.state) node.show(state);
    }
    const steps = this.nodes.filter((node) => node.card.kind !== "parameters");
    const tallies = steps.map(({ card, state }) => (card.kind === "group" ? state.tally : { [state.word]: 1 }));
    const total = (counts) => counts.reduce((sum, count) => sum + count, 0);
    const all = total(tallies.flatMap(Object.values));
    const tally = (word) => [total(tallies.map((counts) => counts[word] ?? 0)), this.own(word)];
    const every = [all, all === 1 ? this.own("step") : this.own("steps")];
    this.summary.textContent = [every, ...this.drawing.statuses.map(tally)]
      .filter(([count], at) => count || !at)
      .map((told) => told.join(" "))
      .join(" · ");
    const [title, summary] = [this.title.textContent, this.summary.textContent];
    this.svg.setAttribute("aria-label", this.own("Graph of %1: %2", title, summary));
    this.wind();
    if (this.looked) this.tell(this.looked);
  }

  // ---- How long it has been running ----

  /** Lets the clock go as long as a step runs and somebody sees it. */
  wind() {
    clearInterval(this.clock);
    this.clock = 0;
    if (!this.seen || document.hidden || !this.nodes.some((node) => node.ticks)) return;
    this.clock = setInterval(() => this.tick(), TICK);
    this.tick();
  }

  tick() {
    const now = Date.now() / 1000 - (this.model.get("ahead") ?? 0);
    for (const node of this.nodes) if (node.ticks) node.tick(now);
    if (this.looked?.ticks) this.about.querySelector(".clock")?.replaceChildren(this.looked.clock);
  }

  // ---- What is looked at ----

  nodeOf(element) {
    return this.byElement.get(element?.closest?.(".node")) ?? null;
  }

  /** The pointer is over something: it has come there, or the graph has moved below it. */
  point({ target, clientX, clientY }) {
    const [x, y] = this.pointed;
    if (Math.hypot(clientX - x, clientY - y) >= 1) this.look(this.nodeOf(target));
  }

  /** What is told of a node makes way for what was asked of it. */
  click({ target, clientX, clientY }) {
    if (this.dragged) return;
    this.pointed = [clientX, clientY]; // until it moves, what comes below it is not pointed at
    this.choose(this.nodeOf(target));
    this.about.hidePopover();
  }

  look(node) {
    if (node === this.looked || this.pointers.size) return;
    for (const { look } of this.looked?.arrows ?? []) look(false);
    this.looked?.frame?.removeAttribute("aria-describedby");
    this.looked = node;
    this.content.classList.toggle("looking", Boolean(node?.arrows.length));
    this.trace(node);
    this.about.togglePopover(Boolean(node));
    if (!node) return;
    for (const { look } of node.arrows) look(true);
    node.frame.setAttribute("aria-describedby", this.about.id);
    this.tell(node);
  }

  /** Marks all that leads to a node, and all that it leads to; of many cards it would take too long. */
  trace(node) {
    for (const element of this.path) element.classList.remove("along");
    this.path = node && !this.many ? this.pathOf(node) : [];
    for (const element of this.path) element.classList.add("along");
  }

  pathOf(node) {
    const found = new Set([node.frame]);
    for (const [from, to] of [["source", "target"], ["target", "source"]]) {
      const nodes = new Set([node]); // it grows while it is gone through
      for (const one of nodes)
        for (const arrow of one.arrows.filter((each) => each[from] === one.position)) {
          nodes.add(this.nodes[arrow[to]]);
          found.add(arrow.element).add(this.nodes[arrow[to]].frame);
        }
    }
    return found;
  }

  tell(node) {
    const { card, state } = node;
    const status = make("p", { className: state.look });
    if (node.word) status.append(make("span", { className: "word", textContent: node.word }));
    const story = node.worded("story");
    status.append((node.word && story ? " · " : "") + story);
    if (node.ticks) status.append(" · ", make("span", { className: "clock", textContent: node.clock }));
    const why = state.reasons.map((text) => make("dd", { textContent: worded(text, this.own) }));
    if (state.differs.length) why.push(make("dd", {}, this.difference(state.differs)));
    const reads = card.reads.map((passed) => this.passed(passed, this.nodes[passed.card]?.state.values));
    const gives = card.gives.map((passed) => this.passed(passed, state.values));
    const read = new Set(card.gives.flatMap(({ names }) => names));
    for (const name of Object.keys(state.values))
      if (!read.has(name)) gives.push(this.passed({ text: name, names: [name] }, state.values));
    if (card.kind === "parameters") gives.length = card.gives.length;
    const takes = node.expected && !node.ticks ? [make("dd", { textContent: node.expected })] : [];
    const list = Object.entries({ why, takes, reads, gives }).flatMap(([term, found]) =>
      found.flatMap((told, at) => [make("dt", { textContent: at ? "" : this.own(term) }), told]),
    );
    this.about.replaceChildren(
      make("strong", { textContent: card.label }),
      make("p", { textContent: node.kind() }),
      ...(status.textContent ? [status] : []),
      ...(list.length ? [make("dl", {}, ...list)] : []),
    );
    this.place(node.frame);
  }

  /** Names that pass from card to card, and what is known of their values. */
  passed({ text, names }, values = {}) {
    const known = names.filter((name) => Object.hasOwn(values, name));
    const told = (name) => (names.length > 1 ? `${name}: ${values[name]}` : values[name]);
    const lines = known.map((name) => make("span", { className: "value", textContent: told(name) }));
    return make("dd", {}, text, ...lines);
  }

  difference(lines) {
    const kinds = { "+": "plus", "-": "minus" };
    const line = (text) => make("span", { className: kinds[text[0]] ?? "", textContent: `${text}\n` });
    return make("pre", {}, ...lines.map(line));
  }

  /** Puts what is told below the node, or above it where it would not fit: in the window, for a
      popover is cut off by nothing else. */
  place(element) {
    const card = element.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.about;
    const above = card.top - GAP - height;
    const fits = card.bottom + GAP + height < innerHeight || above < 0;
    this.about.style.left = `${Math.max(GAP, Math.min(card.left, innerWidth - width - GAP))}px`;
    this.about.style.top = `${fits ? card.bottom + GAP : above}px`;
  }

  /** A node that got the focus is looked at, and moved to where it can be seen. */
  reach(node) {
    this.look(node);
    if (!node) return;
    for (const frame of this.byElement.keys()) frame.setAttribute("tabindex", frame === node.frame ? 0 : -1);
    this.reveal(node);
  }

  go(node) {
    if (!node) return;
    this.reveal(node); // what is not drawn takes no focus
    node.frame.focus({ preventScroll: true });
  }

  reveal(node) {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const outside = (place, half, room) => Math.min(0, room - place - half) || Math.max(0, half - place);
    const [x, y] = node.middle.map((at, axis) => at * this.scale + (axis ? this.y : this.x));
    const half = (this.scale * node.card.width) / 2 + MARGIN;
    const dx = outside(x, half, width);
    const dy = outside(y, (this.scale * this.drawing.card) / 2 + MARGIN, height);
    if (dx || dy) this.see(this.x + dx, this.y + dy, this.scale);
  }

  /** Keeps in sight what the keyboard is at, or what is marked, in a place of another size. */
  keep() {
    const [marked] = [...this.marked.values()].flatMap((positions) => [...positions].slice(0, 1));
    const node = this.nodeOf(document.activeElement) ?? this.nodes[marked];
    if (node && this.scale) this.reveal(node);
  }

  // ---- What is chosen ----

  choose(node, how = "choose") {
    const detail = node ? node.position : null;
    this.root.dispatchEvent(new CustomEvent(`nbflow-${how}`, { detail }));
  }

  /** Position of the node that has the focus, or null: to be pointed at is not to be chosen. */
  get current() {
    return this.nodeOf(document.activeElement)?.position ?? null;
  }

  /** Gives a node the focus. */
  focus(position) {
    this.go(this.nodes[position]);
  }

  /** Marks these nodes, and no others, with a class; the first, if it is another than before, is
      moved to where it can be seen. */
  mark(name, positions) {
    const marked = this.marked.get(name) ?? new Set();
    if (marked.size === positions.length && positions.every((position) => marked.has(position))) return;
    const [before] = marked;
    this.marked.set(name, new Set(positions));
    this.remark();
    const first = this.nodes[positions[0]];
    if (first && positions[0] !== before && this.scale) this.reveal(first);
  }

  remark() {
    for (const [name, those] of this.marked)
      for (const node of this.nodes) node.mark(name, those.has(node.position));
  }

  // ---- Where it is looked at from ----

  see(x, y, scale) {
    Object.assign(this, { x, y, scale });
    this.content.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
    this.svg.classList.toggle("far", scale < FAR);
    this.cull();
    if (this.looked) this.place(this.looked.frame);
  }

  /** Of many cards only those are in the page that can be seen: texts cost time even when hidden. */
  cull() {
    if (!this.many) return;
    const far = this.scale < FAR;
    const { clientWidth, clientHeight } = this.canvas;
    const [left, top] = [-this.x / this.scale - MARGIN, -this.y / this.scale - MARGIN];
    const right = left + clientWidth / this.scale + 2 * MARGIN;
    const bottom = top + clientHeight / this.scale + 2 * MARGIN;
    for (const node of this.nodes) {
      const { x, y, width } = node.card;
      const isSeen = x < right && x + width > left && y < bottom && y + this.drawing.card > top;
      if (isSeen) this.put(node, far);
      else if (node !== this.looked) node.frame?.remove();
    }
  }

  move(dx, dy) {
    this.moved = true;
    this.see(this.x + dx, this.y + dy, this.scale);
  }

  /** Zooms by a factor, about a point of the canvas or its middle. */
  zoom(by, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    this.moved = true;
    const scale = Math.max(SMALLEST, Math.min(LARGEST, this.scale * by));
    const ratio = scale / this.scale;
    this.see(x - (x - this.x) * ratio, y - (y - this.y) * ratio, scale);
  }

  fit(least = SMALLEST) {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height) return; // hidden: it will be told of its size when it is shown
    this.moved = false;
    const across = (width - 2 * MARGIN) / this.drawing.width;
    const down = (height - 2 * MARGIN) / this.drawing.height;
    const scale = Math.max(least, Math.min(1, across, down));
    // What does not fit begins with its first card.
    const [first] = this.nodes;
    const place = (size, room, fits, middle) =>
      fits
        ? (room - size * scale) / 2
        : Math.max(Math.min(room / 2 - middle * scale, MARGIN), room - size * scale - MARGIN);
    const x = place(this.drawing.width, width, scale <= across, first?.middle[0]);
    const y = place(this.drawing.height, height, scale <= down, first?.middle[1]);
    this.see(x, y, scale);
  }

  start() {
    this.fit(READABLE);
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    const frame = this.canvas.getBoundingClientRect();
    this.zoom(2 ** (-event.deltaY / 150), event.clientX - frame.left, event.clientY - frame.top);
  }

  grab(event) {
    if (event.button > 0) return;
    this.dragged = false;
    this.pointers.set(event.pointerId, event);
  }

  /** One finger or the mouse moves the graph; two fingers zoom it as well. */
  pull(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const dx = event.clientX - before.clientX;
    const dy = event.clientY - before.clientY;
    if (!this.svg.classList.contains("held")) {
      if (Math.hypot(dx, dy) < 3) return; // a click, so far
      this.dragged = true;
      this.svg.classList.add("held");
      this.svg.setPointerCapture(event.pointerId);
    }
    const others = [...this.pointers.values()].filter((one) => one.pointerId !== event.pointerId);
    this.pointers.set(event.pointerId, event);
    this.move(dx / (others.length + 1), dy / (others.length + 1));
    if (!others.length) return;
    const far = (one) => Math.hypot(one.clientX - others[0].clientX, one.clientY - others[0].clientY);
    const frame = this.canvas.getBoundingClientRect();
    const x = (event.clientX + others[0].clientX) / 2 - frame.left;
    this.zoom(far(event) / (far(before) || 1), x, (event.clientY + others[0].clientY) / 2 - frame.top);
  }

  release(event) {
    this.pointers.delete(event.pointerId);
    if (!this.pointers.size) this.svg.classList.remove("held");
  }

  // ---- Keys ----

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = this.nodeOf(event.target);
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (arrow && event.shiftKey) this.move(-arrow[0] * PUSH, -arrow[1] * PUSH);
    else if (arrow) this.go(node ? this.next(node, ...arrow) : this.nodes[0]);
    else if (event.key === "Home") this.go(this.nodes[0]);
    else if (event.key === "End") this.go(this.nodes.at(-1));
    else if (event.key === "+" || event.key === "=") this.zoom(STEP);
    else if (event.key === "-") this.zoom(1 / STEP);
    else if (event.key === "0") this.fit();
    else if (event.key === "Escape" && node) this.svg.focus();
    else if (event.key === "Enter" && !event.shiftKey && node) this.choose(node, node.card.kind === "group" ? "open" : "choose");
    else return;
    event.preventDefault();
  }

  /** Along an arrow to the left or right; up or down to the nearest card of the column. */
  next(node, dx, dy) {
    const [x, y] = node.middle;
    const near = dx
      ? node.arrows.map((arrow) => this.nodes[arrow.source === node.position ? arrow.target : arrow.source])
      : this.nodes.filter((other) => other.card.x === node.card.x);
    const onward = near.filter(({ middle }) => (dx ? (middle[0] - x) * dx : (middle[1] - y) * dy) > 0);
    const distance = ({ middle }) => Math.abs(middle[1] - y) + Math.abs(middle[0] - x) / 4;
    return onward.sort((one, other) => distance(one) - distance(other))[0] ?? node;
  }
}

export default {
  /** Once for each model: what changed is put to what is known, for views made later too. */
  initialize({ model }) {
    const merge = () => {
      const { states } = model.get("changes");
      model.set("states", { ...model.get("states"), ...states });
    };
    model.on("change:changes", merge);
    // By how much this page's clock is ahead of the one that says when a step began.
    model.set("ahead", Date.now() / 1000 - model.get("now"));
    return () => model.off("change:changes", merge);
  },

  render({ model, el }) {
    const view = new View(model, el);
    return () => view.dispose();
  },
};

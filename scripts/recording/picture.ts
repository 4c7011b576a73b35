/** Draws the recording as an SVG that moves by CSS alone: no script, no font, no other file. */
import type { Row } from "./screen.ts";
import type { Line, Scene, Typing } from "./timeline.ts";

const CELL = 8;
const LINE = 20;
const TITLE = 40;
const MARGIN = 22;
/** Seconds in which a screen comes and goes. */
const FADE = 0.35;

export function drawRecording(scenes: readonly Scene[], columns: number, title: string): string {
  const total = scenes.at(-1)?.to ?? 0;
  const rows = 1 + Math.max(...scenes.map(({ prompt }) => prompt.place));
  const [width, height] = [columns * CELL + 2 * MARGIN, TITLE + rows * LINE + MARGIN];
  const moves = new Movements(total);
  const body = scenes.map((scene, index) => drawScene(scene, moves, index === 0)).join(
    "\n",
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${
    escape(title)
  }" xml:space="preserve">
<style>${STYLE}
${moves.css()}
${STILL}</style>
<rect class="card" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="10"/>
<path class="rule" d="M1 ${TITLE - 6.5}H${width - 1}"/>
<circle class="dot" cx="20" cy="17" r="5"/><circle class="dot" cx="37" cy="17" r="5"/><circle class="dot" cx="54" cy="17" r="5"/>
<text class="title" x="${width / 2}" y="21.5">${escape(title)}</text>
<g transform="translate(${MARGIN} ${TITLE})">
${body}
</g>
</svg>
`;
}

function drawScene(scene: Scene, moves: Movements, isStill: boolean): string {
  const parts = [
    ...scene.typings.map((typing) => drawTyping(typing, scene, moves)),
    ...scene.lines.map((line) => drawLine(line, scene, moves)),
    drawPrompt(scene, moves),
  ];
  const fade = moves.fade(scene.from, scene.to);
  return `<g class="s ${fade}${isStill ? " still" : ""}">\n${parts.join("\n")}\n</g>`;
}

function drawLine({ row, place, from, to }: Line, scene: Scene, moves: Movements): string {
  const last = to === scene.to ? " e" : "";
  return `<g class="v ${moves.show(from, to)}${last}">${drawRow(row, place)}</g>`;
}

function drawPrompt({ prompt, to }: Scene, moves: Movements): string {
  const y = prompt.place * LINE;
  return `<g class="v ${moves.show(prompt.from, to)} e"><text class="p" x="0" y="${
    y + 15
  }">$</text>` +
    `<rect class="cursor blink" x="${2 * CELL}" y="${y + 1.5}" width="${CELL}" height="17"/></g>`;
}

/** The command is there from the beginning, under a cover that moves to the right in steps. */
function drawTyping(
  { text, place, prompted, from, typed, entered }: Typing,
  scene: Scene,
  moves: Movements,
): string {
  const y = place * LINE;
  const steps = moves.type(from, typed, text.length);
  return `<g class="v ${moves.show(prompted, scene.to)} e"><text class="p" x="0" y="${
    y + 15
  }">$</text>` +
    `<text class="b" x="${2 * CELL}" y="${y + 15}" textLength="${text.length * CELL}">${
      escape(text)
    }</text></g>` +
    `<g class="v ${moves.show(prompted, entered)}"><g class="t ${steps}">` +
    `<rect class="cover" x="${2 * CELL}" y="${y}" width="${
      (text.length + 1) * CELL
    }" height="${LINE}"/>` +
    `<rect class="cursor" x="${2 * CELL}" y="${y + 1.5}" width="${CELL}" height="17"/></g></g>`;
}

/** Eighths of a cell, as bars have them. */
const PARTS = "▏▎▍▌▋▊▉█";

function drawRow(row: Row, place: number): string {
  const pieces: string[] = [];
  for (let at = 0; at < row.length;) {
    const { character, style } = row[at];
    let end = at + 1;
    if (character === " ") {
      at = end;
      continue;
    }
    const isBar = (one: string) => PARTS.includes(one) || one === "░";
    while (end < row.length && row[end].style === style && continues(row, at, end, isBar)) end++;
    const text = row.slice(at, end).map((cell) => cell.character).join("").trimEnd();
    pieces.push(
      isBar(character) ? drawBar(text, at, place, style) : drawText(text, at, place, style),
    );
    at = end;
  }
  return pieces.join("");
}

/** Text goes on over one space; a bar only over the same kind of block. */
function continues(row: Row, at: number, end: number, isBar: (one: string) => boolean): boolean {
  const [first, next] = [row[at].character, row[end].character];
  if (isBar(first)) return next === first || (first === "█" && PARTS.includes(next));
  if (isBar(next)) return false;
  return next !== " " || (row[end + 1] !== undefined && row[end + 1].character !== " " &&
    row[end + 1].style === row[at].style);
}

function drawText(text: string, column: number, place: number, style: string): string {
  const [x, y] = [column * CELL, place * LINE + 15];
  const named = style === "" ? "" : ` class="${style}"`;
  return `<text${named} x="${x}" y="${y}" textLength="${[...text].length * CELL}">${
    escape(text)
  }</text>`;
}

function drawBar(text: string, column: number, place: number, style: string): string {
  const cells = [...text].reduce(
    (sum, one) => sum + (one === "░" ? 1 : (PARTS.indexOf(one) + 1) / 8),
    0,
  );
  const dim = text.startsWith("░") ? " rest" : "";
  return `<rect class="bar ${style}${dim}" x="${column * CELL}" y="${place * LINE + 4}" width="${
    rounded(cells * CELL)
  }" height="12"/>`;
}

/** The CSS animations, each of them once. */
class Movements {
  readonly #total: number;
  readonly #rules = new Map<string, string>();

  constructor(total: number) {
    this.#total = total;
  }

  /** To be seen from one time to another. */
  show(from: number, to: number): string {
    return this.#name(
      `0%{visibility:hidden}${this.#at(from)}{visibility:visible}` +
        (to >= this.#total ? "" : `${this.#at(to)}{visibility:hidden}`),
    );
  }

  fade(from: number, to: number): string {
    return this.#name(
      `0%,${this.#at(from)}{opacity:0}${this.#at(from + FADE)},${this.#at(to - FADE)}{opacity:1}` +
        `${this.#at(to)},100%{opacity:0}`,
    );
  }

  type(from: number, to: number, steps: number): string {
    return this.#name(
      `0%{transform:translateX(0)}${
        this.#at(from)
      }{transform:translateX(0);animation-timing-function:steps(${steps})}` +
        `${this.#at(to)},100%{transform:translateX(${steps * CELL}px)}`,
    );
  }

  css(): string {
    const names = [...this.#rules].map(([rule, name]) =>
      `@keyframes ${name}{${rule}}.${name}{animation-name:${name}}`
    );
    return [`.v,.s,.t{animation:${rounded(this.#total)}s infinite}`, ...names].join("\n");
  }

  #name(rule: string): string {
    const known = this.#rules.get(rule);
    if (known !== undefined) return known;
    const name = `k${this.#rules.size.toString(36)}`;
    this.#rules.set(rule, name);
    return name;
  }

  #at(seconds: number): string {
    return `${rounded(100 * Math.min(1, seconds / this.#total))}%`;
  }
}

function rounded(number: number): string {
  return String(Math.round(number * 1000) / 1000);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** The colours of GitHub's pages, because that is where it is looked at. */
const STYLE =
  `svg{--back:#fff;--edge:#d1d9e0;--text:#1f2328;--quiet:#59636e;--red:#cf222e;--green:#1a7f37;--yellow:#9a6700;--cyan:#0e7490}
@media (prefers-color-scheme:dark){svg{--back:#0d1117;--edge:#3d444d;--text:#e6edf3;--quiet:#9198a1;--red:#ff7b72;--green:#3fb950;--yellow:#d29922;--cyan:#39c5cf}}
text{font:13.3px ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--text);white-space:pre}
.card{fill:var(--back);stroke:var(--edge)}.rule{stroke:var(--edge)}.dot{fill:var(--edge)}
.title{font:12px system-ui,"Segoe UI","DejaVu Sans",sans-serif;fill:var(--quiet);text-anchor:middle}
.b{font-weight:600}.d,.p{fill:var(--quiet)}.r{fill:var(--red)}.g{fill:var(--green)}.y{fill:var(--yellow)}.c{fill:var(--cyan)}
.bar{fill:var(--cyan)}.rest{opacity:.16}.cover{fill:var(--back)}.cursor{fill:var(--text);opacity:.7}
.v{visibility:hidden;animation-timing-function:step-end}.s{opacity:0}
.blink{animation:blink 1.2s step-end infinite}@keyframes blink{50%{opacity:0}}`;

/** Who doesn't want movement sees the end of the first scene. */
const STILL = `.v{animation-timing-function:step-end}
@media (prefers-reduced-motion:reduce){.v,.s,.t,.blink{animation:none}.still{opacity:1}.still .e{visibility:visible}}`;

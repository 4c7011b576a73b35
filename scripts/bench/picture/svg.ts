/** The shapes and colours of the picture. */

/** A drawing that begins at 0/0, and its height. */
export interface Piece {
  readonly height: number;
  readonly svg: string;
}

/**
 * The picture has its own background, so that it can be read on any page. If the reader prefers
 * dark pages, the background is dark. It uses fonts of the system.
 */
export const STYLE = `
text { font: 13px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
.heading { font-size: 15px; font-weight: 600; }
.small { font-size: 11px; fill: #59636e; }
.card { fill: #ffffff; stroke: #d1d9e0; }
.grid { stroke: #d1d9e0; stroke-width: 1; }
.mark { stroke: #1f2328; stroke-width: 1.5; }
.bar { stroke: #1f2328; stroke-width: 2.5; }
.ours { fill: #1f77b4; } .theirs { fill: #a3adb8; }
.good { fill: #4ac26b; } .unsure { fill: #e0a82e; } .bad { fill: #f0776c; } .open { fill: #a3adb8; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .small { fill: #9198a1; }
  .card { fill: #0d1117; stroke: #3d444d; }
  .grid { stroke: #3d444d; }
  .mark, .bar { stroke: #e6edf3; }
  .ours { fill: #3b8fd1; } .theirs { fill: #656c76; }
  .good { fill: #2f9e4f; } .unsure { fill: #b8860b; } .bad { fill: #d1483d; } .open { fill: #656c76; }
}`;

export type Anchor = "start" | "middle" | "end";

export function text(
  x: number,
  y: number,
  words: string,
  style = "",
  anchor: Anchor = "start",
): string {
  return `<text x="${at(x)}" y="${at(y)}"${style && ` class="${style}"`}${
    anchor === "start" ? "" : ` text-anchor="${anchor}"`
  }>${escape(words)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, style: string): string {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${style}"/>`;
}

/** `fill`: a class or a colour. */
export function rect(
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string,
  title: string | null = null,
): string {
  const colour = fill.startsWith("#") ? `fill="${fill}"` : `class="${fill}"`;
  const shape = `x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}" ${colour}`;
  return title === null
    ? `<rect ${shape}/>`
    : `<rect ${shape}><title>${escape(title)}</title></rect>`;
}

function at(position: number): string {
  return String(Number(position.toFixed(1)));
}

function escape(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

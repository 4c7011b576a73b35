/** One line of a terminal, in pieces that are cut to fit before they are coloured. */
import type { Paint } from "./style.ts";
import { displayWidth, truncate } from "./terminal_text.ts";

export interface Piece {
  readonly text: string;
  readonly paint?: Paint;
}

/** Cuts the line at the width. Colours take up no width. */
export function fit(pieces: readonly Piece[], width: number): string {
  let room = width;
  let line = "";
  for (const { text, paint } of pieces) {
    if (room <= 0) break;
    const shown = truncate(text, room);
    room -= displayWidth(shown);
    line += paint === undefined ? shown : paint(shown);
  }
  return line;
}

/**
 * Lays out pieces with a gap between them, in as many lines as they need. A piece is cut only if
 * it is wider than a line.
 */
export function flow(pieces: readonly Piece[], gap: string, width: number): string[] {
  const lines: Piece[][] = [];
  let used = Infinity;
  for (const piece of pieces) {
    const needed = displayWidth(gap) + displayWidth(piece.text);
    if (used + needed > width) {
      lines.push([piece]);
      used = displayWidth(piece.text);
    } else {
      lines[lines.length - 1].push({ text: gap }, piece);
      used += needed;
    }
  }
  return lines.map((line) => fit(line, width));
}

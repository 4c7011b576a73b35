/** One line of a terminal, in pieces that are painted after they were made to fit. */
import type { Paint } from "./style.ts";
import { displayWidth, truncate } from "./terminal_text.ts";

export interface Piece {
  readonly text: string;
  readonly paint?: Paint;
}

/** Cuts where the width ends; what is painted counts without its colours. */
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
 * Lays pieces out one after the other, a gap between them, in as many lines as they need: none
 * is broken unless it is wider than a line.
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

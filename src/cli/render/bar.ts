/** Progress as a bar. */

const FULL = "█";
const EMPTY = "░";

/** `fraction`: 0 to 1. Full only at 1. */
export function bar(fraction: number, width: number): string {
  const filled = Math.min(width, Math.max(0, Math.floor(fraction * width)));
  return FULL.repeat(filled) + EMPTY.repeat(width - filled);
}

/** For progress of unknown length: a block that moves to and fro with the time. */
export function wanderingBar(milliseconds: number, width: number): string {
  const block = Math.min(width, Math.max(1, Math.floor(width / 5)));
  const way = width - block;
  const step = Math.floor(milliseconds / 125) % Math.max(1, 2 * way);
  const at = step <= way ? step : 2 * way - step;
  return EMPTY.repeat(at) + FULL.repeat(block) + EMPTY.repeat(width - block - at);
}

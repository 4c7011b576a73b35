/** Numbers and times, as all pages show them. */
import { formatCount } from "../../../report/numbers.ts";

export function Count({ of }: { of: number }) {
  return <span class="n">{formatCount(of)}</span>;
}

/** `12 rows`, with the number as one word. */
export function rowsText(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "row" : "rows"}`;
}

/** In UTC. The browser's script shows it in its own time zone, and as "3 min ago" with `ago`. */
export function Time({ at, ago = false }: { at: string; ago?: boolean }) {
  const text = `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
  return <time datetime={at} data-ago={ago ? "" : undefined} title={text}>{text}</time>;
}

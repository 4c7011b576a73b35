/** How far a run is, as a bar with numbers beside it. */
import type { RunReport } from "../../report/report_schema.ts";
import { soFar } from "../../report/so_far.ts";
import { bar, wanderingBar } from "./bar.ts";
import { fit } from "./line.ts";
import { formatCount, formatRows } from "../../report/numbers.ts";
import type { Style } from "./style.ts";
import { displayWidth, truncate, wrap } from "./terminal_text.ts";

/** Where it is drawn. */
export interface Frame {
  /** Columns; no line is wider. */
  readonly width: number;
  readonly now: Date;
  readonly style: Style;
}

const NARROWEST_BAR = 10;
export const WIDEST_BAR = 40;

export function barLines(
  { progress, is_terminal }: RunReport,
  { width, now, style }: Frame,
): string[] {
  const { total, processed, percent } = soFar(progress);
  if (total === null || percent === null) {
    if (is_terminal) return [`${formatRows(processed)} done`];
    const text = `${formatRows(processed)} so far, counting the rest`;
    return beside(wanderingBar(now.getTime(), barWidth(width, text)), [text], width, style);
  }
  const percentage = `${percent.toFixed(1)} %`;
  const rows = `${formatCount(processed)} / ${formatRows(total)}`;
  const size = barWidth(width, `${percentage}   ${rows}`);
  return beside(bar(percent / 100, size), [percentage, rows], width, style);
}

/** What is left of a line beside the text. If that is too little, the text goes below. */
function barWidth(width: number, text: string): number {
  const left = width - displayWidth(text) - 2;
  return Math.min(WIDEST_BAR, left >= NARROWEST_BAR ? left : Math.max(1, width - 9));
}

function beside(drawn: string, texts: readonly string[], width: number, style: Style): string[] {
  const [first, ...rest] = texts;
  const pieces = [{ text: `  ${first}` }, ...rest.map((text) => ({ text: `   ${text}` }))];
  const all = pieces.map((piece) => piece.text).join("");
  if (displayWidth(drawn) + displayWidth(all) <= width) {
    return [fit([{ text: drawn, paint: style.cyan }, ...pieces], width)];
  }
  if (displayWidth(drawn) + displayWidth(pieces[0].text) <= width && rest.length > 0) {
    return [
      fit([{ text: drawn, paint: style.cyan }, pieces[0]], width),
      ...rest.map((text) => truncate(text, width)),
    ];
  }
  return [
    fit([{ text: drawn, paint: style.cyan }], width),
    ...texts.flatMap((t) => wrap(t, width)),
  ];
}

/** Messages with their counts, drawn as bars that can be compared at a glance. */
import { formatCount } from "../../report/numbers.ts";
import type { Style } from "./style.ts";
import { displayWidth, padEnd, printable, truncate, wrap } from "./terminal_text.ts";

export interface ShownGroup {
  /** As many digits of its id as tell it from the others. */
  readonly id: string;
  readonly count: number;
  readonly message: string;
  /** Its first rows. */
  readonly rows: readonly number[];
  /** Where these are in a workbook, such as `C17`; null for texts, and if nobody knows. */
  readonly cells?: readonly string[] | null;
  /** Whether earlier runs had it, too. */
  readonly history: string | null;
  /** A value that was refused. */
  readonly sample: string | null;
  /** What distinguishes it from another group with the same message. */
  readonly remark: string | null;
}

export interface GroupsFrame {
  /** Null: not a terminal. Then each group is one line without a bar. */
  readonly width: number | null;
  readonly style: Style;
}

const MARGIN = "  ";
const BAR = 16;
/** On a narrower terminal a bar would leave the message no room. */
const WIDE_ENOUGH = 64;
const LONGEST_SAMPLE = 40;
const SHOWN_ROWS = 3;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

export function renderErrorGroups(
  groups: readonly ShownGroup[],
  { width, style }: GroupsFrame,
): string[] {
  const most = Math.max(...groups.map(({ count }) => count));
  const countWidth = formatCount(most).length;
  const drawn = groups.map((group) => ({
    count: MARGIN + formatCount(group.count).padStart(countWidth),
    fraction: group.count / most,
    message: printable(group.message),
    details: detailsOf(group),
  }));
  const longest = Math.max(...drawn.map(({ message }) => displayWidth(message)));
  const beside = drawn.map(({ count, fraction, message, details }) => {
    const drawnBar = width === null ? "" : `${style.cyan(bar(fraction, BAR))}${MARGIN}`;
    return `${count}${MARGIN}${drawnBar}${padEnd(message, longest)}   ${
      style.dim(details.join("   "))
    }`;
  });
  if (width === null) return beside;
  const indent = MARGIN.length + countWidth + MARGIN.length;
  const widest = indent + BAR + MARGIN.length + longest + 3 +
    Math.max(...drawn.map(({ details }) => displayWidth(details.join("   "))));
  if (widest <= width) return beside;
  if (width < WIDE_ENOUGH) return drawn.flatMap((group) => below(group, indent, width, style));
  const left = indent + BAR + MARGIN.length;
  return drawn.flatMap(({ count, fraction, message, details }) => {
    const [first, ...more] = wrap(message, width - left);
    const rest = [...more, ...detailLines(details, width - left).map(style.dim)];
    return [
      `${count}${MARGIN}${style.cyan(bar(fraction, BAR))}${MARGIN}${first ?? ""}`,
      ...rest.map((line) => " ".repeat(left) + line),
    ];
  });
}

interface DrawnGroup {
  readonly count: string;
  readonly fraction: number;
  readonly message: string;
  readonly details: readonly string[];
}

/** On a narrow terminal: the message has the whole width, the bar a line of its own. */
function below(
  { count, fraction, message, details }: DrawnGroup,
  indent: number,
  width: number,
  style: Style,
): string[] {
  const room = Math.max(4, width - indent);
  const [first, ...more] = wrap(message, room);
  return [
    truncate(`${count}${MARGIN}${first ?? ""}`, width),
    ...[
      ...more,
      style.cyan(bar(fraction, Math.min(room, BAR)).trimEnd()),
      ...detailLines(details, room).map(style.dim),
    ].map((line) => " ".repeat(Math.min(indent, width - room)) + line),
  ];
}

/** On one line if they fit. */
function detailLines(details: readonly string[], width: number): string[] {
  const joined = details.join("   ");
  if (displayWidth(joined) <= width) return [joined];
  return details.map((detail) => truncate(detail, width));
}

function detailsOf(group: ShownGroup): string[] {
  const { sample, remark } = group;
  return [
    group.id,
    ...(group.rows.length === 0 ? [] : [rowsText(group)]),
    ...(group.history === null ? [] : [group.history]),
    ...(remark === null ? [] : [remark]),
    ...(sample === null ? [] : [sampleText(sample)]),
  ];
}

/** No thousands separators: they would look like the commas between the rows. */
function rowsText({ count, rows, cells = null }: ShownGroup): string {
  if (cells !== null) {
    const shown = cells.slice(0, SHOWN_ROWS).join(", ");
    return `${shown}${count > Math.min(SHOWN_ROWS, cells.length) ? " …" : ""}`;
  }
  const shown = rows.slice(0, SHOWN_ROWS).join(", ");
  return count === 1 ? `row ${shown}` : `rows ${shown}${count > SHOWN_ROWS ? " …" : ""}`;
}

function sampleText(value: string): string {
  return `e.g. "${truncate(printable(value), LONGEST_SAMPLE)}"`;
}

/** In eighths of a column, and never empty: even the smallest count can be seen. */
function bar(fraction: number, width: number): string {
  const eighths = Math.max(1, Math.round(fraction * width * 8));
  const drawn = "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
  return padEnd(drawn, width);
}

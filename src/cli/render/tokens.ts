/** Tokens, for people: everything but the token itself. */
import type { Token } from "../../ledger/tokens.ts";
import { fit } from "./line.ts";
import { formatTime } from "../../report/numbers.ts";
import type { Paint, Style } from "./style.ts";
import { renderTable, type TextColumn } from "./text_table.ts";
import { displayWidth, printable, truncate } from "./terminal_text.ts";

export type TokenState = "active" | "expired" | "revoked";

export function stateOf(token: Token, now: Date): TokenState {
  if (token.revoked_at !== null) return "revoked";
  return token.expires_at !== null && token.expires_at <= now ? "expired" : "active";
}

export function createdLine(token: Token): string {
  const expires = token.expires_at === null
    ? "does not expire"
    : `expires ${formatTime(token.expires_at)}`;
  return `Token ${token.name}: scope ${token.scope}; importers ${importers(token)}; ${expires}.`;
}

export function revokedLine(token: Token, before: boolean): string {
  const which = `token ${printable(token.name)} (${token.prefix})`;
  return before && token.revoked_at !== null
    ? `The ${which} was already revoked, at ${formatTime(token.revoked_at)}.`
    : `Revoked ${which}.`;
}

interface Column extends TextColumn {
  readonly cell: (token: Token, now: Date) => string;
}

const COLUMNS: readonly Column[] = [
  { title: "prefix", cell: (token) => token.prefix },
  { title: "name", cell: (token) => token.name },
  { title: "scope", cell: (token) => token.scope },
  { title: "importers", cell: importers },
  { title: "created", cell: (token) => formatTime(token.created_at) },
  { title: "expires", cell: (token) => timeOrNever(token.expires_at) },
  { title: "last used", cell: (token) => timeOrNever(token.last_used_at) },
  { title: "state", cell: stateOf },
];

/** A table, or, if it is too wide, a few lines for each token. Null width: not a terminal. */
export function renderTokens(
  tokens: readonly Token[],
  now: Date,
  width: number | null,
  style: Style,
): string[] {
  const rows = tokens.map((token) => COLUMNS.map(({ cell }) => cell(token, now)));
  const table = renderTable(COLUMNS, rows, null, style);
  // Measured without colours, which take no room.
  const fits = width === null || widthOf(rows) <= width;
  return fits ? table : tokens.flatMap((token) => renderBlock(token, now, width, style));
}

function widthOf(rows: readonly (readonly string[])[]): number {
  const widths = COLUMNS.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => displayWidth(printable(row[index]))))
  );
  return widths.reduce((sum, width) => sum + width) + 2 * (COLUMNS.length - 1);
}

function renderBlock(token: Token, now: Date, width: number, style: Style): string[] {
  const state = stateOf(token, now);
  const paint: Paint = state === "active" ? style.green : style.dim;
  const times = [
    `created ${formatTime(token.created_at)}`,
    `expires ${timeOrNever(token.expires_at)}`,
    `used ${timeOrNever(token.last_used_at)}`,
  ];
  return [
    fit([
      { text: `${token.prefix}  ` },
      { text: state, paint },
      { text: `  ${printable(token.name)}`, paint: style.bold },
    ], width),
    truncate(`  ${token.scope}, importers ${importers(token)}`, width),
    ...times.map((time) => style.dim(truncate(`  ${time}`, width))),
  ];
}

function importers(token: Token): string {
  return token.importers === null ? "all" : token.importers.map(printable).join(", ");
}

function timeOrNever(time: Date | null): string {
  return time === null ? "never" : formatTime(time);
}

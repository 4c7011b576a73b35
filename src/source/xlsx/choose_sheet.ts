/** Which sheet of a workbook is meant. */
import { type SourceChoice, SourceError } from "../error.ts";
import type { Package } from "./package.ts";
import type { Sheet } from "./parts.ts";

/** How many names a message has. */
const NAMED = 8;

export interface TableSheet extends Sheet {
  readonly part: string;
}

/**
 * `wanted`: the definition's `sheet`; null: the only one that isn't hidden and has something in it.
 * Throws SourceError.
 */
export async function chooseSheet(
  zip: Package,
  sheets: readonly Sheet[],
  wanted: string | number | null,
): Promise<TableSheet> {
  if (wanted !== null) return asTable(named(sheets, wanted));
  const found: TableSheet[] = [];
  const hidden: TableSheet[] = [];
  for (const sheet of sheets) {
    if (!isTable(sheet) || !await hasCells(zip, sheet.part)) continue;
    (sheet.isHidden ? hidden : found).push(sheet);
  }
  const [only] = found;
  if (found.length === 1) return only;
  if (found.length > 1) {
    throw new SourceError(
      `it has ${found.length} sheets that could be meant: ${list(found)}. ${how(found)}`,
      { choice: choiceOf(found) },
    );
  }
  if (hidden.length > 0) {
    throw new SourceError(`all its sheets with cells are hidden: ${list(hidden)}. ${how(hidden)}`, {
      choice: choiceOf(hidden),
    });
  }
  throw new SourceError("its sheets are empty");
}

function how([first]: readonly Sheet[]): string {
  return `Say which, such as --sheet ${quoted(first)}.`;
}

function choiceOf(sheets: readonly Sheet[]): SourceChoice {
  return { setting: "sheet", names: sheets.map(({ name }) => name) };
}

function isTable(sheet: Sheet): sheet is TableSheet {
  return sheet.part !== null;
}

function asTable(sheet: Sheet): TableSheet {
  if (isTable(sheet)) return sheet;
  throw new SourceError(`its sheet ${quoted(sheet)} is a chart or a dialog and has no rows`);
}

/** Names don't depend on case. A number counts all sheets, unless it is the name of one. */
function named(sheets: readonly Sheet[], wanted: string | number): Sheet {
  const text = String(wanted).trim();
  const sheet = sheets.find(({ name }) => name === text) ??
    sheets.find(({ name }) => plain(name) === plain(text)) ??
    (/^\d{1,6}$/u.test(text) ? sheets[Number(text) - 1] : undefined);
  if (sheet !== undefined) return sheet;
  const asked = typeof wanted === "number" ? `no sheet ${wanted}` : `no sheet ${quote(text)}`;
  const choice = choiceOf(sheets.filter(isTable));
  throw new SourceError(`it has ${asked}, but ${list(sheets)}.`, { choice });
}

function plain(name: string): string {
  return name.trim().toLowerCase();
}

function list(sheets: readonly Sheet[]): string {
  const more = sheets.length > NAMED ? ` and ${sheets.length - NAMED} more` : "";
  return sheets.slice(0, NAMED).map(quoted).join(", ") + more;
}

function quoted({ name }: Sheet): string {
  return quote(name);
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** Has any cell of a sheet something in it? Those with a colour only don't count. */
async function hasCells(zip: Package, part: string): Promise<boolean> {
  const look = {
    isDone: false,
    isInData: false,
    found: false,
    open(name: string) {
      if (name === "sheetData") this.isInData = true;
      this.found ||= this.isInData && (name === "v" || name === "t" || name === "f");
      this.isDone ||= this.found;
    },
    text() {},
    close(name: string) {
      this.isDone ||= name === "sheetData";
    },
  };
  await zip.scan(part, look);
  return look.found;
}

/** Copies the sheet that is meant out of a workbook, which can't be read in place. */
import type { SourceRule } from "../../importer/source_rule.ts";
import { SourceError, StorageError } from "../error.ts";
import { Identifier, type Identity } from "../file/identity.ts";
import { readFile } from "../file/read_file.ts";
import { spool } from "../file/spool.ts";
import { chooseSheet, type TableSheet } from "./choose_sheet.ts";
import { ofPart, Package } from "./package.ts";
import { readParts, type WorkbookParts } from "./parts.ts";
import { SharedStringEvents, StringPool } from "./shared_strings.ts";
import { SheetCopy } from "./sheet_copy.ts";
import { SheetEvents } from "./sheet_events.ts";
import type { XlsxFormat } from "./xlsx_format.ts";
import { XmlScanner } from "./xml_scanner.ts";

/** How much of a copy shows how it is understood. */
const BEGINNING_BYTES = 1024 * 1024;

export interface CopiedSheet {
  readonly path: string;
  readonly format: XlsxFormat;
  readonly original: Identity;
  /** What the user should know, in sentences. */
  readonly notes: readonly string[];
}

/** `name`: the file's own, for messages. `isBeginning`: the first rows are enough. Throws SourceError. */
export async function copySheet(
  path: string,
  rule: SourceRule,
  folder: string,
  name: string,
  isBeginning = false,
): Promise<CopiedSheet> {
  try {
    const zip = await Package.open(path, name);
    const parts = await readParts(zip);
    const sheet = await chooseSheet(zip, parts.sheets, rule.sheet ?? null);
    const copied = await copy(zip, parts, sheet, { rule, folder, isBeginning });
    return { ...copied, original: await identify(path) };
  } catch (error) {
    const isReason = error instanceof SourceError && !(error instanceof StorageError) &&
      !error.message.startsWith("Cannot ");
    if (!isReason) throw error;
    throw new SourceError(`Cannot import ${name}: ${sentence(error.message)}`, {
      cause: error,
      choice: error.choice,
    });
  }
}

/** Reads all of it: the rows are only a part of a workbook. */
async function identify(path: string): Promise<Identity> {
  const identifier = new Identifier();
  for await (const bytes of readFile(path)) identifier.add(bytes);
  return identifier.end();
}

const ADVICE = "Open it in a spreadsheet program and save it again as .xlsx, or export it as CSV.";

/** A reason that says by itself what to do is a whole sentence. It may quote what the file says. */
function sentence(reason: string): string {
  const line = reason.replace(/\s+/gu, " ");
  return line.endsWith(".") ? line : `${line}. ${ADVICE}`;
}

interface Copying {
  readonly rule: SourceRule;
  readonly folder: string;
  readonly isBeginning: boolean;
}

async function copy(
  zip: Package,
  parts: WorkbookParts,
  sheet: TableSheet,
  { rule, folder, isBeginning }: Copying,
): Promise<Omit<CopiedSheet, "original">> {
  const strings = new StringPool(folder);
  try {
    if (parts.sharedStrings !== null) {
      await zip.scan(parts.sharedStrings, new SharedStringEvents(strings));
    }
    const target = new SheetCopy(rule);
    const rules = { ...parts, nullWords: nullWords(rule) };
    const events = new SheetEvents(rules, strings, target);
    const pieces = ReadableStream.from(readPieces(zip, sheet.part, events, target, isBeginning));
    const { path } = await spool(pieces, folder, ".csv");
    const { first, last, headerRow } = target.end();
    const { facts } = events;
    return {
      path,
      format: formatOf(rule, sheet, first),
      notes: [
        ...sheetNotes(parts, sheet, rule),
        ...target.notes(),
        ...facts.notes(first, last, headerRow, parts.isUncalculated),
      ],
    };
  } finally {
    strings.close();
  }
}

async function* readPieces(
  zip: Package,
  part: string,
  events: SheetEvents,
  target: SheetCopy,
  isBeginning: boolean,
): AsyncGenerator<Uint8Array> {
  const { out } = target;
  let written = 0;
  const scanner = new XmlScanner(events);
  try {
    for await (const chunk of zip.read(part)) {
      let isRead = scanner.push(chunk);
      while (target.isFull) {
        yield out.view().slice();
        written += out.length;
        out.length = 0;
        if (isBeginning && written >= BEGINNING_BYTES) return;
        if (!isRead) isRead = scanner.goOn();
      }
    }
    scanner.end();
  } catch (error) {
    throw ofPart(error, part);
  }
  target.end();
  yield out.view();
}

function formatOf(
  { skip_empty_rows = true, comment = null }: SourceRule,
  { name }: TableSheet,
  firstColumn: number,
): XlsxFormat {
  return {
    type: "xlsx",
    sheet: name,
    first_column: firstColumn,
    delimiter: ",",
    newline: "cr",
    quote: '"',
    grammar: 2,
    ...skip_empty_rows && { skip_empty_rows },
    ...comment !== null && { comment },
  };
}

function nullWords({ null_values }: SourceRule): ReadonlySet<string> {
  return new Set(null_values);
}

/** Which sheet is read, if there are others. */
function sheetNotes(
  { sheets }: WorkbookParts,
  { name, isHidden }: TableSheet,
  { sheet = null }: SourceRule,
): string[] {
  const others = sheets.filter((other) => other.name !== name);
  if (sheet !== null) return isHidden ? [`The sheet ${JSON.stringify(name)} is hidden.`] : [];
  if (others.length === 0) return [];
  const hidden = others.filter((other) => other.isHidden).map((other) =>
    JSON.stringify(other.name)
  );
  return [
    `Read from the sheet ${JSON.stringify(name)}, the only one that isn't hidden and has cells.` +
    (hidden.length === 0 ? "" : ` Hidden: ${hidden.slice(0, 5).join(", ")}.`),
  ];
}

/** The valid file of customers as a workbook with typed cells, in the way in which Excel writes it. */
import { Buffer } from "node:buffer";
import { crc32, deflateRawSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import type { DataFile } from "./files.ts";

/** Cells of these columns are numbers and dates; all others are texts that cells share. */
const NUMBERS = new Set(["id", "age", "balance", "score"]);
const DATES = new Set(["signup_date"]);
/** Days from 1899-12-30 to 1970-01-01. */
const EPOCH = 25_569;
const DAY = 24 * 60 * 60 * 1000;

const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** Written once, beside the file. Returns its path. */
export async function workbookOf({ path, delimiter }: DataFile): Promise<string> {
  const book = path.replace(/\.csv$/u, ".xlsx");
  try {
    await Deno.stat(book);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const rows: string[][] = parse(await Deno.readFile(path), { delimiter });
    await Deno.writeFile(`${book}.unfinished`, pack(partsOf(rows)));
    await Deno.rename(`${book}.unfinished`, book);
  }
  return book;
}

function partsOf([names, ...rows]: readonly string[][]): Record<string, string> {
  const strings = new Map<string, number>();
  const shared = (text: string) => {
    const known = strings.get(text) ?? strings.size;
    strings.set(text, known);
    return known;
  };
  const cell = (text: string, row: number, column: number, name: string | null) => {
    if (text === "") return "";
    const at = `r="${String.fromCharCode(65 + column)}${row}"`;
    if (name !== null && NUMBERS.has(name)) return `<c ${at}><v>${Number(text)}</v></c>`;
    if (name !== null && DATES.has(name)) {
      return `<c ${at} s="1"><v>${Date.parse(text) / DAY + EPOCH}</v></c>`;
    }
    return `<c ${at} t="s"><v>${shared(text)}</v></c>`;
  };
  const line = (cells: readonly string[], number: number, isHeader: boolean) =>
    `<row r="${number}" spans="1:${cells.length}">${
      cells.map((text, i) => cell(text, number, i, isHeader ? null : names[i])).join("")
    }</row>`;
  const lines = [line(names, 1, true), ...rows.map((row, i) => line(row, i + 2, false))];
  const texts = [...strings.keys()].map((text) => `<si><t>${escaped(text)}</t></si>`);
  return {
    "[Content_Types].xml": `${HEAD}<Types xmlns="${PACKAGE}/content-types">` +
      '<Default Extension="rels" ContentType=' +
      '"application/vnd.openxmlformats-package.relationships+xml"/>' +
      contentType("workbook", "sheet.main") + contentType("worksheets/sheet1", "worksheet") +
      contentType("styles", "styles") + contentType("sharedStrings", "sharedStrings") + "</Types>",
    "_rels/.rels": relations([["officeDocument", "xl/workbook.xml"]]),
    "xl/workbook.xml": `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${LINKS}"><sheets>` +
      '<sheet name="Customers" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": relations([
      ["worksheet", "worksheets/sheet1.xml"],
      ["styles", "styles.xml"],
      ["sharedStrings", "sharedStrings.xml"],
    ]),
    "xl/styles.xml": `${HEAD}<styleSheet xmlns="${MAIN}"><fonts><font/></fonts><fills><fill/>` +
      "</fills><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs><cellXfs>" +
      '<xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    "xl/sharedStrings.xml": `${HEAD}<sst xmlns="${MAIN}">${texts.join("")}</sst>`,
    "xl/worksheets/sheet1.xml": `${HEAD}<worksheet xmlns="${MAIN}"><sheetData>${
      lines.join("")
    }</sheetData></worksheet>`,
  };
}

function contentType(part: string, type: string): string {
  return `<Override PartName="/xl/${part}.xml" ContentType=` +
    `"application/vnd.openxmlformats-officedocument.spreadsheetml.${type}+xml"/>`;
}

function relations(links: readonly (readonly [string, string])[]): string {
  return `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${
    links.map(([type, target], i) =>
      `<Relationship Id="rId${i + 1}" Type="${LINKS}/${type}" Target="${target}"/>`
    ).join("")
  }</Relationships>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** A zip archive with these members. */
function pack(parts: Readonly<Record<string, string>>): Uint8Array {
  const [bodies, entries]: [Uint8Array[], Uint8Array[]] = [[], []];
  let at = 0;
  for (const [name, text] of Object.entries(parts)) {
    const data = Buffer.from(text);
    const packed = deflateRawSync(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    // 1 January 1980, the first day that a zip archive knows.
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    const body = Buffer.concat([Buffer.from("PK\x03\x04"), common, Buffer.from(name), packed]);
    const version = Buffer.from("PK\x01\x02\x14\0", "latin1");
    entries.push(Buffer.concat([version, common, place, Buffer.from(name)]));
    bodies.push(body);
    at += body.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies, directory, end]);
}

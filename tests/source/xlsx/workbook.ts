/** Writes workbooks part by part, also such as no program would write. */
import { makeZip } from "../unpack/make_zip.ts";

export type Parts = Readonly<Record<string, string | Uint8Array>>;

const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";

export interface SheetXml {
  readonly name: string;
  /** What stands in `sheetData`. */
  readonly rows: string;
  /** What stands before and after it. */
  readonly before?: string;
  readonly after?: string;
  readonly state?: "hidden" | "veryHidden";
  readonly type?: "worksheet" | "chartsheet";
}

export interface WorkbookXml {
  readonly sheets: readonly SheetXml[];
  /** The `si` elements. */
  readonly strings?: string;
  /** Format codes; a cell's style is the index of one, from 1. */
  readonly formats?: readonly string[];
  readonly properties?: string;
  readonly calculation?: string;
}

/** The parts of a workbook as Excel arranges them. */
export function partsOf(
  { sheets, strings = "", formats = [], properties = "", calculation = "" }: WorkbookXml,
): Record<string, string> {
  const links = [
    ...sheets.map(({ type = "worksheet" }, i) => [`s${i + 1}`, type, `sheets/s${i + 1}.xml`]),
    ["strings", "sharedStrings", "sharedStrings.xml"],
    ["styles", "styles", "styles.xml"],
  ];
  const numFmts = formats.map((code, i) =>
    `<numFmt numFmtId="${164 + i}" formatCode="${escaped(code)}"/>`
  );
  const xfs = formats.map((_, i) => `<xf numFmtId="${164 + i}"/>`);
  return {
    "[Content_Types].xml": `<Types xmlns="${PACKAGE}/content-types"/>`,
    "_rels/.rels": relations([["r", "officeDocument", "xl/workbook.xml"]]),
    "xl/_rels/workbook.xml.rels": relations(links),
    "xl/workbook.xml":
      `<workbook xmlns="${MAIN}" xmlns:r="${LINKS}"><workbookPr ${properties}/><sheets>` +
      sheets.map(({ name, state = "visible" }, i) =>
        `<sheet name="${escaped(name)}" sheetId="${i + 1}" state="${state}" r:id="s${i + 1}"/>`
      ).join("") + `</sheets>${calculation}</workbook>`,
    "xl/styles.xml": `<styleSheet xmlns="${MAIN}"><numFmts>${numFmts.join("")}</numFmts>` +
      `<cellXfs><xf numFmtId="0"/>${xfs.join("")}</cellXfs></styleSheet>`,
    "xl/sharedStrings.xml": `<sst xmlns="${MAIN}">${strings}</sst>`,
    ...Object.fromEntries(sheets.map(({ rows, before = "", after = "" }, i) => [
      `xl/sheets/s${i + 1}.xml`,
      `<worksheet xmlns="${MAIN}">${before}<sheetData>${rows}</sheetData>${after}</worksheet>`,
    ])),
  };
}

export function workbook(xml: WorkbookXml): Uint8Array<ArrayBuffer> {
  return zip(partsOf(xml));
}

/** One sheet with these rows. */
export function oneSheet(rows: string, more: Partial<WorkbookXml> = {}): Uint8Array<ArrayBuffer> {
  return workbook({ sheets: [{ name: "Data", rows }], ...more });
}

/** A row of texts, each in its own cell. */
export function textRow(...texts: readonly string[]): string {
  const cells = texts.map((text) =>
    text === ""
      ? "<c/>"
      : `<c t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`
  );
  return `<row>${cells.join("")}</row>`;
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function relations(links: readonly (readonly string[])[]): string {
  return `<Relationships xmlns="${PACKAGE}/relationships">` +
    links.map(([id, type, target]) =>
      `<Relationship Id="${id}" Type="${LINKS}/${type}" Target="${target}"/>`
    ).join("") + "</Relationships>";
}

export function zip(parts: Parts): Uint8Array<ArrayBuffer> {
  return makeZip(Object.entries(parts).map(([name, content]) => ({ name, content })));
}

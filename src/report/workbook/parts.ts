/** The small parts of a workbook: what it consists of, its one sheet, and how cells look. */
import { xmlAttribute } from "./cell_xml.ts";

export const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
export const LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const TYPES = "application/vnd.openxmlformats-officedocument";
const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** Indexes of `cellXfs`. */
export const STYLE = { text: 1, header: 2, reason: 3, wrong: 4, own: 5 } as const;

export const CONTENT_TYPES = `${DECLARATION}<Types xmlns="${PACKAGE}/content-types">` +
  '<Default Extension="rels" ' +
  'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
  '<Default Extension="xml" ContentType="application/xml"/>' +
  `<Default Extension="vml" ContentType="${TYPES}.vmlDrawing"/>` +
  part("/xl/workbook.xml", "sheet.main") + part("/xl/worksheets/sheet1.xml", "worksheet") +
  part("/xl/styles.xml", "styles") + part("/xl/comments1.xml", "comments") + "</Types>";

function part(name: string, type: string): string {
  return `<Override PartName="${name}" ContentType="${TYPES}.spreadsheetml.${type}+xml"/>`;
}

/** `links`: id, type and target of each. */
export function relations(links: readonly (readonly [string, string, string])[]): string {
  return `${DECLARATION}<Relationships xmlns="${PACKAGE}/relationships">` +
    links.map(([id, type, target]) =>
      `<Relationship Id="${id}" Type="${LINKS}/${type}" Target="${target}"/>`
    ).join("") + "</Relationships>";
}

/** `filtered`: the range that has a filter, as in a formula. */
export function workbookXml(sheet: string, filtered: string): string {
  const quoted = `'${sheet.replaceAll("'", "''")}'`;
  return `${DECLARATION}<workbook xmlns="${MAIN}" xmlns:r="${LINKS}">` +
    `<bookViews><workbookView/></bookViews><sheets><sheet name="${
      xmlAttribute(sheet)
    }" sheetId="1" r:id="rId1"/></sheets>` +
    '<definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">' +
    `${xmlAttribute(`${quoted}!${filtered}`)}</definedName></definedNames></workbook>`;
}

/** `@`, which keeps what somebody types a text. */
const TEXT_FORMAT = 49;

/** Fonts, fills and formats in the order of STYLE. */
export const STYLES = `${DECLARATION}<styleSheet xmlns="${MAIN}">` +
  '<fonts count="4">' +
  `${font("")}${font("<b/>")}${font("", "FF9C0006")}${font("", "FF7F7F7F")}</fonts>` +
  '<fills count="4"><fill><patternFill patternType="none"/></fill>' +
  '<fill><patternFill patternType="gray125"/></fill>' +
  `${fill("FFE7E6E6")}${fill("FFFFC7CE")}</fills>` +
  '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
  '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
  `<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
  `${look(0, 0)}${look(1, 2)}${look(2, 0)}${look(2, 3)}${look(3, 0)}</cellXfs>` +
  '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>' +
  "</styleSheet>";

function font(more: string, colour?: string): string {
  const shown = colour === undefined ? "" : `<color rgb="${colour}"/>`;
  return `<font>${more}<sz val="11"/>${shown}<name val="Calibri"/><family val="2"/></font>`;
}

function fill(colour: string): string {
  return `<fill><patternFill patternType="solid"><fgColor rgb="${colour}"/>` +
    '<bgColor indexed="64"/></patternFill></fill>';
}

function look(fontId: number, fillId: number): string {
  return `<xf numFmtId="${TEXT_FORMAT}" fontId="${fontId}" fillId="${fillId}" borderId="0" ` +
    'xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"/>';
}

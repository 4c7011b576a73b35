/** Comments on cells, in the form that all versions of Excel show: a list, and a drawing of each. */
import { xmlText } from "./cell_xml.ts";
import { MAIN } from "./parts.ts";

/** Each is drawn. More of them make a spreadsheet slow, and a drawing numbers its first thousand. */
export const MOST_COMMENTS = 1_000;

export interface Comment {
  /** Both from 0. */
  readonly row: number;
  readonly column: number;
  /** Such as `C17`. */
  readonly address: string;
  readonly text: string;
}

export function commentsXml(comments: readonly Comment[]): string {
  const list = comments.map(({ address, text }) =>
    `<comment ref="${address}" authorId="0"><text><t xml:space="preserve">${
      xmlText(text)
    }</t></text></comment>`
  );
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n` +
    `<comments xmlns="${MAIN}"><authors><author>ingest</author></authors><commentList>` +
    `${list.join("")}</commentList></comments>`;
}

export function drawingXml(comments: readonly Comment[]): string {
  return '<xml xmlns:v="urn:schemas-microsoft-com:vml" ' +
    'xmlns:o="urn:schemas-microsoft-com:office:office" ' +
    'xmlns:x="urn:schemas-microsoft-com:office:excel">' +
    '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>' +
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" ' +
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>' +
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>' +
    `${comments.map(shape).join("")}</xml>`;
}

/** The number of a drawing's first shape. */
const FIRST_SHAPE = 1025;
/** How many letters fit on a line, and how many columns and rows a box covers. */
const LINE_LETTERS = 40, BOX_COLUMNS = 3, MOST_LINES = 12;

function shape({ row, column, text }: Comment, i: number): string {
  const lines = Math.min(MOST_LINES, 2 + Math.ceil(text.length / LINE_LETTERS));
  const top = Math.max(0, row - 1);
  // Column and pixels of the left, row and pixels of the top, and so on.
  const anchor = [column + 1, 15, top, 4, column + 1 + BOX_COLUMNS, 15, top + lines, 4];
  return `<v:shape id="_x0000_s${FIRST_SHAPE + i}" type="#_x0000_t202" ` +
    'style="position:absolute;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">' +
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>' +
    '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"/>' +
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>' +
    `<x:Anchor>${anchor.join(", ")}</x:Anchor><x:AutoFill>False</x:AutoFill>` +
    `<x:Row>${row}</x:Row><x:Column>${column}</x:Column></x:ClientData></v:shape>`;
}

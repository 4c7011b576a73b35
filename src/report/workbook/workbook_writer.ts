/** Writes a workbook of one sheet, row by row: only its comments are kept until the end. */
import { MAX_ROWS } from "../../source/xlsx/sheet_row.ts";
import { columnLetters } from "../../source/xlsx/xlsx_format.ts";
import { cellXml } from "./cell_xml.ts";
import { type Comment, commentsXml, drawingXml, MOST_COMMENTS } from "./comments.ts";
import { CONTENT_TYPES, LINKS, MAIN, relations, STYLE, STYLES, workbookXml } from "./parts.ts";
import { ZipWriter } from "./zip_writer.ts";

export interface Column {
  readonly name: string;
  /** How its cells look. */
  readonly style: number;
  /** In characters. */
  readonly width: number;
}

/** The wrong cells of a row: what is wrong, by column from 0. */
export type Wrong = ReadonlyMap<number, string>;

export class WorkbookWriter {
  readonly #zip: ZipWriter;
  readonly #sheet: string;
  readonly #columns: readonly Column[];
  readonly #letters: readonly string[];
  readonly #comments: Comment[] = [];
  /** Wrong cells that have only their colour. */
  #uncommented = 0;
  readonly #help: string;
  #rows = 0;

  /** `help`: the comment on the first cell. */
  constructor(
    { sheet, help, columns }: {
      readonly sheet: string;
      readonly help: string;
      readonly columns: readonly Column[];
    },
    write: (bytes: Uint8Array) => Promise<void>,
  ) {
    this.#zip = new ZipWriter(write);
    this.#sheet = sheet;
    this.#help = help;
    this.#columns = columns;
    this.#letters = columns.map((_, i) => columnLetters(i));
  }

  async begin(): Promise<void> {
    const widths = this.#columns.map(({ width, style }, i) =>
      `<col min="${i + 1}" max="${i + 1}" width="${width}" style="${style}" customWidth="1"/>`
    );
    // Programs tell by the first member what the archive is.
    await this.#zip.add("[Content_Types].xml", CONTENT_TYPES);
    await this.#zip.add("_rels/.rels", relations([["rId1", "officeDocument", "xl/workbook.xml"]]));
    await this.#zip.begin("xl/worksheets/sheet1.xml");
    await this.#zip.append(
      `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n` +
        `<worksheet xmlns="${MAIN}" xmlns:r="${LINKS}"><sheetViews>` +
        '<sheetView tabSelected="1" workbookViewId="0">' +
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' +
        '<selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews>' +
        '<sheetFormatPr defaultRowHeight="15"/>' +
        `<cols>${widths.join("")}</cols><sheetData>` +
        this.#row(this.#columns.map(({ name }) => name), () => STYLE.header),
    );
  }

  /** `wrong`: messages by column, from 0. */
  async rows(rows: readonly { readonly cells: readonly string[]; readonly wrong: Wrong }[]) {
    let text = "";
    for (const { cells, wrong } of rows) {
      for (const [column, message] of wrong) this.#comment(this.#rows, column, message);
      const style = (i: number) => wrong.has(i) ? STYLE.wrong : this.#columns[i].style;
      text += this.#row(cells, style);
    }
    await this.#zip.append(text);
  }

  async end(): Promise<void> {
    const letters = this.#letters[this.#letters.length - 1];
    const all = `A1:${letters}${this.#rows}`;
    await this.#zip.append(
      `</sheetData><autoFilter ref="${all}"/>` +
        `<ignoredErrors><ignoredError sqref="${all}" numberStoredAsText="1"/></ignoredErrors>` +
        '<legacyDrawing r:id="rId1"/></worksheet>',
    );
    await this.#zip.end();
    await this.#zip.add(
      "xl/worksheets/_rels/sheet1.xml.rels",
      relations([
        ["rId1", "vmlDrawing", "../drawings/vmlDrawing1.vml"],
        ["rId2", "comments", "../comments1.xml"],
      ]),
    );
    const comments = [this.#ownComment(), ...this.#comments];
    await this.#zip.add("xl/comments1.xml", commentsXml(comments));
    await this.#zip.add("xl/drawings/vmlDrawing1.vml", drawingXml(comments));
    await this.#zip.add("xl/styles.xml", STYLES);
    await this.#zip.add(
      "xl/workbook.xml",
      workbookXml(this.#sheet, `$A$1:$${letters}$${this.#rows}`),
    );
    await this.#zip.add(
      "xl/_rels/workbook.xml.rels",
      relations([["rId1", "worksheet", "worksheets/sheet1.xml"], ["rId2", "styles", "styles.xml"]]),
    );
    await this.#zip.finish();
  }

  #ownComment(): Comment {
    const others = this.#uncommented === 0
      ? ""
      : ` Only the first ${MOST_COMMENTS} wrong cells have a comment; all of them have their ` +
        "colour, and this column has all messages.";
    return { row: 0, column: 0, address: "A1", text: this.#help + others };
  }

  #row(cells: readonly string[], style: (column: number) => number): string {
    const number = ++this.#rows;
    if (number > MAX_ROWS) throw new RangeError(`a sheet holds no more than ${MAX_ROWS} rows`);
    let text = `<row r="${number}">`;
    for (let i = 0; i < cells.length; i++) {
      const look = style(i);
      // An empty cell looks as its column says.
      if (cells[i] === "" && look === this.#columns[i].style) continue;
      text += cellXml(this.#letters[i] + number, look, cells[i]);
    }
    return `${text}</row>`;
  }

  #comment(row: number, column: number, text: string): void {
    if (this.#comments.length === MOST_COMMENTS) this.#uncommented++;
    else this.#comments.push({ row, column, address: `${this.#letters[column]}${row + 1}`, text });
  }
}

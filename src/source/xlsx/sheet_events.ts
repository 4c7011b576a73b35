/** Reads the cells of a sheet. */
import { Buffer } from "node:buffer";
import { MAX_RECORD_BYTES } from "../record.ts";
import { ByteBuffer } from "./byte_buffer.ts";
import { addField, ERROR_MARK } from "./cell_text.ts";
import { copyPlainNumber, readNumber } from "./copy_number.ts";
import { isMoreThanShown, numberText } from "./number_text.ts";
import { PLAIN, type Shape } from "./number_format.ts";
import { PlainCell } from "./plain_cell.ts";
import { RichText } from "./rich_text.ts";
import { MAX_COLUMNS, MAX_ROWS, SheetRow } from "./sheet_row.ts";
import type { StringPool } from "./shared_strings.ts";
import { XmlError } from "./xml_entity.ts";
import type { XmlEvents } from "./xml_scanner.ts";
import type { XmlTag } from "./xml_tag.ts";
import { cellOf, SheetFacts } from "./sheet_facts.ts";

/** What a number's cell is; others are named by their attribute `t`. */
const NUMBER = "n";

export interface CellRules {
  readonly shapes: readonly ((value: number) => Shape)[];
  readonly is1904: boolean;
  /** Errors such as `#N/A` that stand for NULL and fail no row. */
  readonly nullWords: ReadonlySet<string>;
}

export interface RowTaker {
  readonly isFull: boolean;
  /** Gets each row that has any cell with something in it. */
  take(row: SheetRow): void;
}

export class SheetEvents implements XmlEvents {
  readonly facts = new SheetFacts();
  readonly #rules: CellRules;
  readonly #strings: StringPool;
  readonly #copy: RowTaker;
  readonly #row = new SheetRow();
  /** The text of `v`, and of `is`. */
  readonly #value = new ByteBuffer();
  readonly #rich = new RichText();
  #isValue = false;
  #hasFormula = false;
  #isInData = false;
  /** A row is open, and no cell. */
  #isBetweenCells = false;
  readonly #plain = new PlainCell();
  #column = -1;
  #type = NUMBER;
  #style = 0;

  constructor(rules: CellRules, strings: StringPool, copy: RowTaker) {
    this.#rules = rules;
    this.#strings = strings;
    this.#copy = copy;
  }

  get isFull(): boolean {
    return this.#copy.isFull;
  }

  takePlain(bytes: Uint8Array, i: number): number {
    if (!this.#isBetweenCells) return i;
    const cell = this.#plain;
    let at = i;
    for (let next = cell.read(bytes, at); next > at; next = cell.read(bytes, at)) {
      this.#beginCell(cell.column === -1 ? this.#column + 1 : cell.column, cell.type, cell.style);
      this.#value.add(bytes, cell.start, cell.end);
      this.#closeCell();
      at = next;
    }
    return at;
  }

  open(name: string, tag: XmlTag): void {
    if (name === "c") this.#openCell(tag);
    else if (name === "v") this.#isValue = this.#isInData;
    else if (name === "row") this.#openRow(tag);
    else if (name === "f") this.#hasFormula = true;
    else if (name === "sheetData") this.#isInData = true;
    else if (this.#isInData) this.#rich.open(name, tag);
    else if (name === "col") this.facts.column(tag);
    else if (name === "mergeCell") this.facts.merged(tag.text("ref") ?? "");
  }

  text(bytes: Uint8Array, from: number, to: number): void {
    if (this.#isValue) this.#value.add(bytes, from, to);
    else this.#rich.text(bytes, from, to);
  }

  close(name: string): void {
    if (name === "v") this.#isValue = false;
    else if (name === "c") this.#closeCell();
    else if (name === "row") this.#closeRow();
    else if (name === "sheetData") this.#isInData = false;
    else if (this.#isInData) this.#rich.close(name);
  }

  #openRow(tag: XmlTag): void {
    const row = this.#row;
    const number = tag.integer("r", row.number + 1);
    if (!(number > row.number && number <= MAX_ROWS)) {
      throw new XmlError(`its rows are not in order after row ${row.number}`);
    }
    row.begin(number, tag.flag("hidden"));
    this.#column = -1;
    this.#isBetweenCells = this.#isInData;
  }

  #openCell(tag: XmlTag): void {
    const reference = tag.find("r");
    const column = reference === -1
      ? this.#column + 1
      : columnAt(tag.bytes, tag.start(reference), tag.end(reference));
    const type = tag.find("t");
    this.#beginCell(
      column,
      type === -1 ? NUMBER : tag.nameAt(tag.bytes, tag.start(type), tag.end(type)),
      tag.integer("s", 0),
    );
  }

  #beginCell(column: number, type: string, style: number): void {
    if (!(column > this.#column && column < MAX_COLUMNS)) {
      throw new XmlError(`the cells of its row ${this.#row.number} are not in order`);
    }
    this.#column = column;
    this.#type = type;
    this.#style = style;
    this.#isBetweenCells = false;
    this.#value.length = 0;
    this.#hasFormula = false;
    this.#rich.clear();
  }

  #closeRow(): void {
    this.#isBetweenCells = false;
    if (this.#row.count === 0) return;
    if (this.#row.isHidden) this.facts.hiddenRow(this.#row.number);
    this.#copy.take(this.#row);
  }

  #closeCell(): void {
    const { fields } = this.#row;
    const value = this.#value;
    if (this.#hasFormula) this.facts.formulas++;
    // Such a row fails, whatever else is in it.
    if (fields.length > MAX_RECORD_BYTES) {
      this.#isBetweenCells = this.#isInData;
      return;
    }
    switch (this.#type) {
      case NUMBER:
        this.#addNumber();
        break;
      case "s":
        this.#addShared();
        break;
      case "str":
      case "inlineStr":
        this.#addText();
        break;
      case "b":
        if (value.length > 0) fields.ascii(this.#text() === "0" ? "false" : "true");
        else this.#addMissing();
        break;
      case "e":
        this.#addError();
        break;
      case "d":
        this.#addIsoDate();
        break;
      default:
        throw new XmlError(`${this.#cell()} is of an unknown type, ${this.#type}`);
    }
    const isText = this.#type === "s" || this.#type === "str" || this.#type === "inlineStr";
    this.#row.end(this.#column, isText);
    this.#isBetweenCells = this.#isInData;
  }

  #addNumber(): void {
    const value = this.#value;
    const { fields } = this.#row;
    if (value.length === 0) return this.#addMissing();
    const format = this.#rules.shapes[this.#style] ?? PLAIN;
    if (format === PLAIN && copyPlainNumber(value, fields)) return;
    const number = readNumber(value);
    if (!Number.isFinite(number)) return this.#mark(this.#text());
    const shape = format(number);
    const { is1904 } = this.#rules;
    if (shape.kind === "moment" && isMoreThanShown(number, shape)) {
      this.facts.cut(this.#row.number, this.#column);
    }
    fields.ascii(numberText(number, shape, is1904));
  }

  #addShared(): void {
    if (this.#value.length === 0) return this.#addMissing();
    if (!this.#strings.copy(readNumber(this.#value), this.#row.fields)) {
      throw new XmlError(
        `${this.#cell()} refers to text ${this.#text()}, which the workbook doesn't have`,
      );
    }
  }

  #addText(): void {
    const rich = this.#rich.whole();
    const text = rich.length > 0 ? rich : this.#value;
    addField(this.#row.fields, text.bytes, text.length);
  }

  #addError(): void {
    const text = this.#text();
    if (this.#rules.nullWords.has(text)) this.#row.fields.ascii(text);
    else this.#mark(text === "" ? "#ERROR" : text);
  }

  /** A date that is written as one. */
  #addIsoDate(): void {
    const text = this.#text();
    const shape = this.#rules.shapes[this.#style]?.(1);
    const isDate = shape?.kind === "moment" && !shape.time;
    const plain = text.replace("T", " ").replace(/Z$/u, "");
    this.#row.fields.ascii(isDate ? plain.slice(0, 10) : plain);
  }

  /** A formula that nobody has calculated. Other cells without a value are only coloured. */
  #addMissing(): void {
    if (this.#hasFormula) this.#mark("");
  }

  #mark(text: string): void {
    const { fields } = this.#row;
    fields.push(ERROR_MARK);
    fields.ascii(text.replace(/[^ -~]|[",]/gu, "?"));
  }

  #text(): string {
    const { bytes, length } = this.#value;
    return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString().trim();
  }

  #cell(): string {
    return `cell ${cellOf(this.#row.number, this.#column)}`;
  }
}

/** The column of a reference such as `C17`, from 0; NaN if it has none. */
function columnAt(bytes: Uint8Array, from: number, to: number): number {
  let column = 0;
  let i = from;
  for (; i < to; i++) {
    const letter = (bytes[i] | 0x20) - 0x60;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  return i === from || i > from + 3 ? NaN : column - 1;
}

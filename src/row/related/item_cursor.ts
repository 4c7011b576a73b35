/** A record with a single field: one value of a list. */
import { FIELD_NULL, FIELD_QUOTED, type RecordCursor } from "../../source/record.ts";
import type { ListItem } from "./read_list.ts";

const PLACE = new Int32Array(1);
const NOTHING = new Uint8Array(0);

export class ItemCursor implements RecordCursor {
  readonly bytes = NOTHING;
  readonly start = 0;
  readonly end = 0;
  line = 0;
  /** The number of the record that has the list. */
  row = 0;
  readonly fieldCount = 1;
  readonly defect = null;
  readonly fieldStart = PLACE;
  readonly fieldEnd = PLACE;
  readonly fieldFlags = new Uint8Array(1);
  #text = "";

  next(): boolean {
    return false;
  }

  /** `isTyped`: the source tells texts from numbers. */
  look(item: ListItem, { row, line }: RecordCursor, isTyped: boolean): this {
    this.row = row;
    this.line = line;
    this.#text = item.text ?? "";
    this.fieldFlags[0] = item.text === null
      ? FIELD_NULL
      : item.isText && isTyped
      ? FIELD_QUOTED
      : 0;
    return this;
  }

  text(): string {
    return this.#text;
  }
}

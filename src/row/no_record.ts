/** For whoever needs no record, such as a constant that is the same for all rows. */
import type { RecordCursor } from "../source/record.ts";

const NOTHING = new Int32Array(0);
export const NO_RECORD: RecordCursor = {
  next: () => false,
  bytes: new Uint8Array(0),
  start: 0,
  end: 0,
  line: 0,
  row: 0,
  fieldCount: 0,
  defect: null,
  fieldStart: NOTHING,
  fieldEnd: NOTHING,
  fieldFlags: new Uint8Array(0),
  text: (field) => {
    throw new Error(`A constant asked for field ${field}`);
  },
};

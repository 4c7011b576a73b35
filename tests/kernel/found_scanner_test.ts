import { deepEqual, throws } from "node:assert/strict";
import { FoundScanner } from "../../src/kernel/found_scanner.ts";
import type { ScannedKeys } from "../../src/kernel/hashed_keys.ts";
import { bytesOf, COMMA, csvRecords, foundOf, unknownToKernel } from "../source/records.ts";

/** One key: the first field, which the kernel leaves to its caller. */
class FirstField implements ScannedKeys {
  readonly seen: string[] = [];
  readonly keys = [{ columns: [{ rule: null }], nullsEqual: false }];

  hash(record: Parameters<ScannedKeys["hash"]>[0], index: number) {
    this.seen.push(`${index}: ${record.row}/${record.line} ${record.text(0)}`);
    return { words: Int32Array.of(index, -index), present: Uint8Array.of(1) };
  }
}

const CSV = csvRecords(COMMA, 2);
/** One format that the kernel reads, and one that it leaves to a reader. */
const FORMATS = [CSV, unknownToKernel(CSV)];

function scan(texts: readonly string[], format = CSV, keys = new FirstField()) {
  const scanner = new FoundScanner(format, keys);
  const records = texts.map((text, i) => ({ row: 10 * (i + 1), line: 7 + i, raw: bytesOf(text) }));
  scanner.scan(foundOf(records));
  return { scanner, seen: keys.seen, present: [...scanner.hashes.present] };
}

Deno.test("records that can't be rows have no keys, and don't affect those of others", () => {
  const texts = [
    "a,1",
    '"cut off,',
    '"b\n,2",3',
    "too,many,fields",
    "nul\0,1",
    '"ends,1"x,',
    "c,4",
  ];
  for (const format of FORMATS) {
    const { seen, present } = scan(texts, format);
    deepEqual(present, [1, 0, 1, 0, 0, 0, 1]);
    deepEqual(seen, ["0: 10/7 a", "2: 30/9 b\n,2", "6: 70/13 c"]);
  }
});

Deno.test("a record of the last scan can be read, with its own row and line", () => {
  const { scanner } = scan(["a,1", '"b ""x""",2']);
  const record = scanner.record(1);
  deepEqual([record.row, record.line, record.text(0)], [20, 8, 'b "x"']);
});

Deno.test("one scan can follow another, with any number of records or none", () => {
  const keys = new FirstField();
  const scanner = new FoundScanner(CSV, keys);
  for (const count of [3, 0, 5000, 1]) {
    keys.seen.length = 0;
    const records = Array.from({ length: count }, (_, i) => ({
      row: i + 1,
      line: i + 1,
      raw: bytesOf(`${"x".repeat(i % 300)},${i}`),
    }));
    scanner.scan(foundOf(records));
    deepEqual([keys.seen.length, scanner.hashes.present.length], [count, count]);
  }
});

Deno.test("a place without a record is an error, not an endless loop", () => {
  for (const texts of [["a,1", "", "b,2"], [""], ["a,1", "\n"], ["a,1\nb,2", "c,3"]]) {
    for (const format of FORMATS) throws(() => scan(texts, format), /records/);
  }
});

/** Takes a zip archive apart by its list of members, as other programs do. */
import assert from "node:assert/strict";
import { crc32, inflateRawSync } from "node:zlib";
import { zip } from "../../source/xlsx/workbook.ts";

export function unzip(bytes: Uint8Array): Record<string, string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - 22;
  assert.equal(view.getUint32(end, true), 0x06054b50);
  const members: Record<string, string> = {};
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    assert.equal(view.getUint32(at, true), 0x02014b50);
    const [crc, packed, size] = [16, 20, 24].map((offset) => view.getUint32(at + offset, true));
    const nameLength = view.getUint16(at + 28, true);
    const start = view.getUint32(at + 42, true);
    const name = decoder.decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const data = start + 30 + nameLength;
    const content = inflateRawSync(bytes.subarray(data, data + packed));
    assert.deepEqual([content.length, crc32(content)], [size, crc], name);
    members[name] = decoder.decode(content);
    at += 46 + nameLength;
  }
  return members;
}

/** The workbook with other texts in its sheet, or in the list of texts of another program. */
export function edited(
  workbook: Uint8Array,
  edit: (part: string) => string,
  part: "worksheets/sheet1" | "sharedStrings" = "worksheets/sheet1",
): Uint8Array<ArrayBuffer> {
  const parts = unzip(workbook);
  const name = `xl/${part}.xml`;
  const after = edit(parts[name]);
  assert.notEqual(after, parts[name], "nothing was edited");
  return zip({ ...parts, [name]: after });
}

const decoder = new TextDecoder();

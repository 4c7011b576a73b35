import assert from "node:assert/strict";
import { ByteBuffer } from "../../../src/source/xlsx/byte_buffer.ts";
import { StringPool } from "../../../src/source/xlsx/shared_strings.ts";
import { bytesOf } from "../records.ts";

/** Some hundred bytes each, with empty ones, and some that are longer than a block. */
function textOf(i: number): string {
  if (i % 7 === 0) return "";
  return i % 4999 === 1 ? "x".repeat(1_500_000 + i) : `${i} `.repeat(1 + i * 7919 % 60);
}

for (const memory of [Infinity, 2_000_000, 0]) {
  Deno.test(`texts are found by their number, with ${memory} bytes of them in memory`, async () => {
    const folder = await Deno.makeTempDir();
    const pool = new StringPool(`${folder}/new`, memory);
    try {
      for (let i = 0; i < 20_000; i++) pool.add(bytesOf(textOf(i)));
      const out = new ByteBuffer();
      for (let i = 0; i < 20_000; i += 3) {
        const index = i * 7919 % 20_000;
        out.length = 0;
        assert.ok(pool.copy(index, out));
        assert.equal(new TextDecoder().decode(out.view()), textOf(index));
      }
      for (const wrong of [20_000, -1, NaN, Infinity]) assert.ok(!pool.copy(wrong, out));
      // The file has no name while it is used.
      const left = memory === Infinity ? [] : [...Deno.readDirSync(`${folder}/new`)];
      assert.deepEqual(left, []);
    } finally {
      pool.close();
      await Deno.remove(folder, { recursive: true });
    }
  });
}

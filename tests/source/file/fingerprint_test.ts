import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { Fingerprint } from "../../../src/source/file/fingerprint.ts";

Deno.test("a fingerprint is the same however the bytes were cut", () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * i * 31) >> 3);
  const whole = new Fingerprint();
  whole.add(bytes);
  assert.equal(String(whole), `70000:${crc32(bytes).toString(16).padStart(8, "0")}`);
  for (const at of [0, 1, 7, 4096, 65_537, 70_000]) {
    const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
    const parts = new Fingerprint();
    parts.addPart(crc32(head), head.length);
    parts.add(tail);
    assert.equal(String(parts), String(whole), `cut at ${at}`);
  }
});

Deno.test("fingerprints of other bytes, or of more of them, differ", () => {
  const of = (text: string) => {
    const fingerprint = new Fingerprint();
    fingerprint.add(new TextEncoder().encode(text));
    return String(fingerprint);
  };
  const all = ["", "\0", "\0\0", "a", "b", "a\n"].map(of);
  assert.equal(new Set(all).size, all.length);
});

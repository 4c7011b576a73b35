import { createHash } from "node:crypto";
import assert from "node:assert/strict";
import { SourceError } from "../../../src/source/error.ts";
import { readRange, readUpTo } from "../../../src/source/file/range.ts";
import { spool } from "../../../src/source/file/spool.ts";
import { convert, utf8Stream } from "../../../src/source/encoding/convert.ts";
import { COMMA, concat, rowsOf } from "../records.ts";

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("spool() copies a stream or a file under a new name, readable by its owner", async () => {
  await inFolder(async (folder) => {
    const text = "a,b\n".repeat(100_000);
    const first = await spool(new Blob([text]).stream(), `${folder}/new/one`, ".csv");
    const second = await spool(first.path, folder);
    assert.notEqual(first.path, second.path);
    assert.match(first.path, /\.csv$/);
    for (const { path, size } of [first, second]) {
      assert.equal(size, text.length);
      assert.equal(await Deno.readTextFile(path), text);
      assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    }
  });
});

Deno.test("spool() leaves nothing behind when its stream breaks", async () => {
  await inFolder(async (folder) => {
    let pulls = 0;
    const breaking = new ReadableStream<Uint8Array>({
      pull(to) {
        if (pulls++ === 3) throw new Error("the sender went away");
        to.enqueue(new Uint8Array(1000));
      },
    });
    await assert.rejects(spool(breaking, folder), /the sender went away/);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("spool() says which folder it can't write to, and releases the stream", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({ cancel: () => void (cancelled = true) });
    await assert.rejects(spool(stream, `${folder}/file/in`), (error) => {
      assert.ok(error instanceof SourceError);
      assert.match(error.message, /storage folder .*file\/in/);
      return true;
    });
    assert.equal(cancelled, true);
  });
});

Deno.test("convert() decodes across the chunks in which the file is read", async () => {
  await inFolder(async (folder) => {
    const characters = "é€ß\n".repeat(50_000);
    const wide = new Uint8Array(
      new Uint16Array([...characters].map((c) => c.charCodeAt(0))).buffer,
    );
    await Deno.writeFile(`${folder}/x`, wide);
    const { path, original } = await convert(`${folder}/x`, utf8Stream("utf-16le"), folder);
    assert.equal(await Deno.readTextFile(path), characters);
    assert.match(original.fingerprint, new RegExp(`^${wide.length}:`));
    assert.equal(original.checksum, createHash("sha256").update(wide).digest("hex"));

    const pieces = [...wide.subarray(0, 9)].map((byte) => Uint8Array.of(byte));
    const stream = ReadableStream.from(pieces).pipeThrough(utf8Stream("utf-16le"));
    const damaged = concat("é€ß\n", [0xe9]);
    assert.deepEqual(new Uint8Array(await new Response(stream).arrayBuffer()), damaged);
  });
});

Deno.test("a sequence that an encoding can't decode fails only its own row", async () => {
  await inFolder(async (folder) => {
    // 0xD800 alone is half of a surrogate pair; the file ends in the middle of a unit.
    const units = [..."ok,1\nx"].map((c) => c.charCodeAt(0)).concat(0xd800, 0x0a, 0x61, 0x2c, 0x62);
    const bytes = concat(units.flatMap((unit) => [unit & 0xff, unit >> 8]), [0x0a]);
    await Deno.writeFile(`${folder}/x`, bytes);
    const { path } = await convert(`${folder}/x`, utf8Stream("utf-16le"), folder);
    const format = { ...COMMA, encoding: "utf-16le" };
    assert.deepEqual(rowsOf(await Deno.readFile(path), format), [
      ["ok", "1"],
      "encoding: The row holds bytes that are not valid utf-16le.",
      "encoding: The row holds bytes that are not valid utf-16le.",
    ]);
  });
});

Deno.test("readRange() returns exactly the bytes, or says that the file changed, or is gone", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/x`;
    await Deno.writeTextFile(path, "0123456789");
    const text = async (start: number, end: number) =>
      new TextDecoder().decode(await readRange(path, start, end));
    assert.equal(await text(3, 7), "3456");
    assert.equal(await text(0, 10), "0123456789");
    assert.equal(await text(4, 4), "");
    const changed = { name: "SourceError", message: /the file changed while it was read/ };
    await assert.rejects(text(8, 11), changed);
    assert.equal((await readUpTo(path, 8, 11)).length, 2);
    await Deno.remove(path);
    await assert.rejects(text(0, 1), {
      name: "SourceError",
      message: /the file is not there any more/,
    });
  });
});

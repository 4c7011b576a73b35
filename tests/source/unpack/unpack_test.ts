/** What is refused, and what is left out, when a packed file is opened. */
import assert from "node:assert/strict";
import { deflateRawSync, gzipSync } from "node:zlib";
import { DEFAULT_SOURCE } from "../../../src/importer/complete/complete_source.ts";
import type { SourceRule } from "../../../src/importer/source_rule.ts";
import { SourceError } from "../../../src/source/error.ts";
import type { OpenedSource } from "../../../src/source/resolved_source.ts";
import { type Opening, resolveSource } from "../../../src/source/resolve.ts";
import { UnpacksTooLarge } from "../../../src/source/unpack/limits.ts";
import { joined, toBytes } from "./bytes.ts";
import { makeZip } from "./make_zip.ts";

const CSV = `id,name\n${Array.from({ length: 3000 }, (_, i) => `${i},name ${i * i}\n`).join("")}`;

interface How extends Opening {
  readonly rule?: Partial<SourceRule>;
  /** What the file is called. */
  readonly file?: string;
}

/** Opens a file; `copies`: how many it has left in storage. */
async function opened(
  bytes: Uint8Array,
  { rule, file = "a.gz", ...opening }: How = {},
): Promise<
  { readonly opened: OpenedSource | null; readonly error: unknown; readonly copies: number }
> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/${file}`, bytes);
    await Deno.mkdir(`${folder}/spool`);
    let found: OpenedSource | null = null;
    let error: unknown = null;
    try {
      const source = { ...DEFAULT_SOURCE, ...rule };
      const name = file;
      found = await resolveSource(`${folder}/${file}`, source, `${folder}/spool`, {
        name,
        ...opening,
      });
    } catch (thrown) {
      error = thrown;
    }
    const copies = (await Array.fromAsync(Deno.readDir(`${folder}/spool`))).length;
    return { opened: found, error, copies };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function refused(bytes: Uint8Array, message: RegExp, how: How = {}): Promise<Error> {
  const { error, copies } = await opened(bytes, how);
  assert.ok(error instanceof SourceError, String(error));
  assert.match(error.message, /^Cannot import [^\n]+$/u);
  assert.match(error.message, message);
  assert.equal(copies, 0);
  return error;
}

/** The header of a tar archive's member, and nothing else. */
function tar(): Uint8Array {
  const header = new Uint8Array(1024);
  header.set(toBytes("t.csv"));
  header.set(toBytes("        "), 148);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.set(toBytes(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return header;
}

Deno.test("what can't be unpacked is refused in one line, and leaves nothing", async () => {
  const other = /which isn't unpacked here\. Unpack it, or pack it with gzip, zstd or zip\.$/u;
  await refused(gzipSync(tar()), /^Cannot import a: it is a tar archive, which/u);
  await refused(tar(), other);
  await refused(toBytes("BZh91AY&SY\x01\x02"), /it is bzip2-compressed data, which/u);
  await refused(Uint8Array.of(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0), /it is a 7z archive, which/u);
  await refused(Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), /it is xz-compressed data, which/u);
  await refused(toBytes("Rar!\x1a\x07\x00"), other);
  await refused(gzipSync(gzipSync(gzipSync(CSV))), /it is packed more than twice\. Unpack it\.$/u);
  await refused(gzipSync(""), /: the file is empty\.$/u);
  await refused(gzipSync(deflateRawSync(CSV)), /it is binary data, not text/u);
  await refused(gzipSync(new Uint8Array(1000)), /it holds NUL bytes and no text/u);
  await refused(makeZip([]), /the zip archive is empty/u);
  await refused(
    makeZip([{ name: "a.csv" }, { name: "b.csv" }]),
    /several files: "a\.csv", "b\.csv"/u,
  );
  const pdf = makeZip([{ name: "x/a", content: "%PDF-1.7\n1 0 obj\n" }]);
  await refused(pdf, /^Cannot import a\.zip\/x\/a: it is a PDF document/u, { file: "a.zip" });
});

Deno.test("text that begins like packed data is text", async () => {
  for (const text of ["BZhang,b\n1,2\n", "PK,b\n1,2\n", "7z,b\n1,2\n", "Rar!,b\n1,2\n"]) {
    const { opened: found } = await opened(toBytes(text));
    assert.equal(found?.source.header.length, 2, text);
    assert.equal(found?.source.unpacked, undefined);
  }
});

Deno.test("a file that breaks off before the end of its first row is refused", async () => {
  const whole = gzipSync(`id,name\n1,${"x".repeat(100_000)}\n`);
  for (const size of [5, 30, 90]) {
    const cut = whole.subarray(0, size);
    await refused(
      cut,
      /breaks off after \d+ bytes, before the end of its first row\. Get it again/u,
    );
  }
});

Deno.test("a file that becomes larger than allowed is refused as soon as it does", async () => {
  const bomb = gzipSync(`id,name\n${"1,x\n".repeat(2_000_000)}`);
  const rule = { max_unpacked: 1_000_000 };
  const error = await refused(bomb, /unpacked, it is larger than the 1 MB that are allowed\. If/u, {
    rule,
  });
  assert.ok(error instanceof UnpacksTooLarge);
  await refused(bomb, /larger than the 2 MB/u, { maxUnpacked: 2_000_000 });
  // The definition has the last word, and by default a table may be as large as this one.
  for (const how of [{ rule: { max_unpacked: 9_000_000 }, maxUnpacked: 2_000_000 }, {}]) {
    assert.equal((await opened(bomb, how)).opened?.source.size, 8_000_008);
  }
  const twice = gzipSync(bomb);
  await refused(twice, /larger than the 1 MB/u, { rule });
  const zip = makeZip([{ name: "a.csv", content: `id,name\n${"1,x\n".repeat(2_000_000)}` }]);
  await refused(zip, /larger than the 1 MB/u, { rule });
});

Deno.test("by default, a packed file may become 1 GB, or 200 times as large", async () => {
  const { unpackLimit } = await import("../../../src/source/unpack/limits.ts");
  const large = await unpackLimit(6_000_000, null, "/");
  assert.match(large.failure("a").message, /larger than 1\.2 GB and 200 times its packed size/u);
  assert.equal((await unpackLimit(1_000, null, "/")).bytes, 1_000_000_000);
  const full = await unpackLimit(1, Number.MAX_SAFE_INTEGER, "/");
  assert.match(
    full.failure("a").message,
    /needs more than the [\d.,]+ [GM]B that the storage folder \/ /u,
  );
});

Deno.test("where only first rows are looked at, no more is unpacked than they need", async () => {
  const row = `${"x".repeat(99)}\n`;
  const large = gzipSync(`id\n${row.repeat(120_000)}`);
  const { opened: found } = await opened(large, { isLook: true });
  assert.deepEqual([found?.isCut, found?.source.size], [true, 8 * 1024 * 1024]);
  const { opened: small } = await opened(gzipSync(CSV), { isLook: true });
  assert.deepEqual([small?.isCut, small?.source.size], [false, CSV.length]);
});

Deno.test("the beginning of a packed file is read as far as it goes, and is not broken", async () => {
  const gz = gzipSync(CSV);
  const half = gz.subarray(0, gz.length >> 1);
  const { opened: found } = await opened(half, { isBeginning: true, isLook: true });
  assert.deepEqual([found?.isCut, found?.source.broken], [true, undefined]);
  assert.ok((found?.source.size ?? 0) > CSV.length / 4);
});

Deno.test("the name inside tells what the name outside doesn't", async () => {
  const tabs = "a\tb,c\n1\t2,3\n";
  for (
    const [file, bytes] of [
      ["x.tsv.gz", gzipSync(tabs)],
      ["x.zip", makeZip([{ name: "x.tsv", content: tabs }])],
    ] as const
  ) {
    const { opened: found } = await opened(bytes, { file });
    assert.deepEqual(found?.source.header, ["a", "b,c"], file);
  }
});

Deno.test("what follows the data is told", async () => {
  const { opened: found } = await opened(joined(gzipSync(CSV), toBytes("more")));
  assert.deepEqual(found?.source.notes, [
    "The last 4 bytes of the file, after the end of the gzip data, are no gzip data and left out.",
  ]);
});

/** gzip and zstd data: what the programs themselves make of them. */
import assert from "node:assert/strict";
import { Input } from "../../../src/source/file/input.ts";
import { SourceError } from "../../../src/source/error.ts";
import { Damaged } from "../../../src/source/unpack/damaged.ts";
import { gunzip } from "../../../src/source/unpack/gzip.ts";
import { unzstd } from "../../../src/source/unpack/zstd.ts";
import { joined, toBytes, uint32 } from "./bytes.ts";
import { isInstalled, runIn } from "./programs.ts";

/** 1.2 MB: several blocks of zstd, and several pieces that are unpacked at once. */
const CSV = Array.from({ length: 60_000 }, (_, i) => `${i},name ${(i * 7919) % 10007}\n`).join("");

interface Unpacked {
  readonly content: string;
  readonly notes: readonly string[];
  /** What is wrong, where, and whether that is all of it. */
  readonly damage: readonly [what: string, at: number, isWhole: boolean] | null;
}

async function unpacked(bytes: Uint8Array, packing: "gzip" | "zstd"): Promise<Unpacked> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, bytes);
    using input = await Input.open(path, 0, bytes.length);
    const notes: string[] = [];
    const pieces: Uint8Array[] = [];
    let damage: Unpacked["damage"] = null;
    try {
      const source = packing === "gzip"
        ? gunzip(input, (note) => notes.push(note))
        : unzstd(input, "a.zst");
      for await (const piece of source) pieces.push(piece);
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      damage = [error.what, error.at, error.isWhole];
    }
    return { content: new TextDecoder().decode(joined(...pieces)), notes, damage };
  } finally {
    await Deno.remove(path);
  }
}

/** What the program makes of the content, with these options. */
function packedBy(program: string, args: readonly string[], content = CSV): Promise<Uint8Array> {
  return runIn(".", program, ["-c", "-q", ...args], content);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const other = bytes.slice();
  other[at] ^= 0x55;
  return other;
}

const RIGHT = { content: CSV, notes: [], damage: null };

Deno.test({
  name: "gzip files of any kind become what they were",
  ignore: !await isInstalled("gzip"),
  fn: async () => {
    const gz = await packedBy("gzip", []);
    assert.deepEqual(await unpacked(gz, "gzip"), RIGHT);
    for (const level of ["-1", "-9"]) {
      assert.deepEqual(await unpacked(await packedBy("gzip", [level]), "gzip"), RIGHT);
    }
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/a name.csv`, CSV);
      const named = await runIn(folder, "gzip", ["-c", "a name.csv"]);
      assert.deepEqual(await unpacked(named, "gzip"), RIGHT);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
    const empty = await packedBy("gzip", [], "");
    assert.deepEqual(await unpacked(empty, "gzip"), { ...RIGHT, content: "" });
    const several = joined(gz, empty, gz);
    assert.deepEqual(await unpacked(several, "gzip"), { ...RIGHT, content: CSV + CSV });
  },
});

Deno.test("a gzip header may have all of its parts", async () => {
  // Extra field, name, comment and checksum, before an empty block.
  const header = [0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 2, 0, 7, 7];
  const texts = [...toBytes(`${"name".repeat(100)}\0comment\0`), 1, 2];
  const bytes = Uint8Array.from([...header, ...texts, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(await unpacked(bytes, "gzip"), { ...RIGHT, content: "" });
});

Deno.test({
  name: "what follows gzip data is left out as gzip does it, and told unless it is zeros",
  ignore: !await isInstalled("gzip"),
  fn: async () => {
    const gz = await packedBy("gzip", []);
    assert.deepEqual(await unpacked(joined(gz, new Uint8Array(70_000)), "gzip"), RIGHT);
    const note = (what: string) => [
      `The last ${what} of the file, after the end of the gzip data, are no gzip data and left out.`,
    ];
    const other = await unpacked(joined(gz, new Uint8Array(512), toBytes("more")), "gzip");
    assert.deepEqual(other, { ...RIGHT, notes: note("516 bytes") });
    assert.equal((await unpacked(joined(gz, toBytes("\x1f")), "gzip")).notes.length, 1);
  },
});

Deno.test({
  name: "a gzip file that is damaged gives what zcat gives, and says where",
  ignore: !await isInstalled("gzip"),
  fn: async () => {
    const gz = await packedBy("gzip", []);
    const middle = await unpacked(gz.subarray(0, 100_000), "gzip");
    assert.deepEqual(middle.damage, ["breaks off", 100_000, false]);
    assert.ok(middle.content.length > CSV.length / 4 && CSV.startsWith(middle.content));
    for (const left of [1, 8]) {
      const { content, damage } = await unpacked(gz.subarray(0, gz.length - left), "gzip");
      assert.deepEqual([content, damage], [CSV, ["breaks off", gz.length - left, false]]);
    }
    assert.deepEqual((await unpacked(gz.subarray(0, 7), "gzip")).damage, ["breaks off", 7, false]);

    const sum = flipped(gz, gz.length - 6);
    const wrong = ["doesn't fit its checksum", gz.length - 8];
    assert.deepEqual(await unpacked(sum, "gzip"), { ...RIGHT, damage: [...wrong, true] });
    const first = await unpacked(joined(sum, gz), "gzip");
    assert.deepEqual(first, { ...RIGHT, damage: [...wrong, false] });

    const broken = gz.slice();
    broken.fill(0xff, 100_000, 100_100);
    const { content, damage } = await unpacked(broken, "gzip");
    assert.deepEqual([damage?.[0], damage?.[2]], ["can't be unpacked", false]);
    assert.ok(Math.abs((damage?.[1] ?? 0) - 100_000) < 500, String(damage?.[1]));
    // Not one row before the damage is lost, and next to nothing after it is taken for data.
    const common = [...content].findIndex((letter, i) => letter !== CSV[i]);
    assert.ok((common === -1 ? content.length : common) >= middle.content.length);
    assert.ok(common === -1 || content.length - common < 2000);
  },
});

Deno.test({
  name: "zstd files of any kind become what they were",
  ignore: !await isInstalled("zstd"),
  fn: async () => {
    const zst = await packedBy("zstd", []);
    assert.deepEqual(await unpacked(zst, "zstd"), RIGHT);
    for (
      const options of [["-19"], ["--fast=5"], ["--no-check"], ["--long=27"]]
    ) {
      assert.deepEqual(await unpacked(await packedBy("zstd", options), "zstd"), RIGHT);
    }
    const empty = await packedBy("zstd", [], "");
    assert.deepEqual(await unpacked(empty, "zstd"), { ...RIGHT, content: "" });
    const zeros = await packedBy("zstd", [], "0".repeat(1_000_000));
    assert.equal((await unpacked(zeros, "zstd")).content.length, 1_000_000);
    const skipped = joined(Uint8Array.of(0x5a, 0x2a, 0x4d, 0x18), uint32(5), toBytes("hello"));
    const several = joined(skipped, zst, skipped, empty, zst, skipped);
    assert.deepEqual(await unpacked(several, "zstd"), { ...RIGHT, content: CSV + CSV });
  },
});

Deno.test({
  name: "zstd data that need more memory, or a dictionary, are refused",
  ignore: !await isInstalled("zstd"),
  fn: async () => {
    const large = await packedBy("zstd", ["--long=28"]);
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/dictionary`, CSV.slice(0, 1000));
      await Deno.writeTextFile(`${folder}/a.csv`, CSV);
      const trained = await runIn(folder, "zstd", ["-q", "-c", "-D", "dictionary", "a.csv"]);
      // A dictionary of plain text has no number that the file could name.
      assert.notEqual((await unpacked(trained, "zstd")).damage, null);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
    await assert.rejects(unpacked(large, "zstd"), (error) => {
      assert.ok(error instanceof SourceError);
      return /^Cannot import a\.zst: .* zstd needs 256 MB of memory/u.test(error.message);
    });
    const named = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 0);
    await assert.rejects(unpacked(named, "zstd"), /by zstd with a dictionary/u);
  },
});

Deno.test({
  name: "a zstd file that is damaged gives its whole blocks, and says where",
  ignore: !await isInstalled("zstd"),
  fn: async () => {
    const zst = await packedBy("zstd", []);
    const middle = await unpacked(zst.subarray(0, 200_000), "zstd");
    assert.deepEqual(middle.damage, ["breaks off", 200_000, false]);
    assert.ok(middle.content.length > CSV.length / 4 && CSV.startsWith(middle.content));
    for (const left of [1, 4]) {
      const { content, damage } = await unpacked(zst.subarray(0, zst.length - left), "zstd");
      assert.deepEqual([content, damage], [CSV, ["breaks off", zst.length - left, false]]);
    }
    const sum = flipped(zst, zst.length - 2);
    const wrong = ["doesn't fit its checksum", zst.length - 4];
    assert.deepEqual(await unpacked(sum, "zstd"), { ...RIGHT, damage: [...wrong, true] });
    const first = await unpacked(joined(sum, zst), "zstd");
    assert.deepEqual(first, { ...RIGHT, damage: [...wrong, false] });

    const garbage = await unpacked(joined(zst, toBytes("what is this")), "zstd");
    const after = ["goes on with something else than zstd data", zst.length, true];
    assert.deepEqual(garbage, { ...RIGHT, damage: after });

    // Wherever a byte is wrong, that is noticed, and what comes out before is right.
    for (let at = 100; at < zst.length; at += Math.ceil(zst.length / 23)) {
      const { content, damage } = await unpacked(flipped(zst, at), "zstd");
      assert.notEqual(damage, null, `byte ${at}`);
      const isLate = damage?.[0] === "doesn't fit its checksum";
      assert.ok(isLate || CSV.startsWith(content), `byte ${at}`);
    }
  },
});

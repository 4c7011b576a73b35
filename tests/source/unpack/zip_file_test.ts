import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { SourceError } from "../../../src/source/error.ts";
import { Damaged } from "../../../src/source/unpack/damaged.ts";
import { ZipFile } from "../../../src/source/unpack/zip/zip_file.ts";
import { bytesOf } from "../records.ts";
import { joined, uint16, uint32 } from "./bytes.ts";
import { type Made, type MadeEnd, makeZip } from "./make_zip.ts";
import { isInstalled, runIn } from "./programs.ts";

const CSV = Array.from({ length: 5000 }, (_, i) => `${i},name ${(i * 7919) % 10007}\n`).join("");

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Read {
  readonly names: readonly string[];
  readonly content: string;
  readonly damage: string | null;
}

/** Opens an archive and reads one member: the first by default. */
async function read(archive: Uint8Array, name?: string): Promise<Read> {
  let result: Read | null = null;
  await inFolder(async (folder) => {
    const path = `${folder}/a.zip`;
    await Deno.writeFile(path, archive);
    result = await readAt(path, name);
  });
  return result!;
}

async function readAt(path: string, name?: string): Promise<Read> {
  const zip = await ZipFile.open(path, "a.zip");
  const member = name === undefined ? zip.members[0] : zip.find(name);
  assert.ok(member !== null, `no member ${name}`);
  const pieces: Uint8Array[] = [];
  let damage: string | null = null;
  try {
    for await (const piece of zip.read(member)) pieces.push(piece);
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    damage = error.what;
  }
  const content = new TextDecoder().decode(joined(...pieces));
  return { names: zip.members.map(({ name }) => name), content, damage };
}

async function refused(archive: Uint8Array, message: RegExp): Promise<void> {
  await assert.rejects(read(archive), (error) => {
    assert.ok(error instanceof SourceError, String(error));
    assert.match(error.message, message);
    assert.match(error.message, /^Cannot import a\.zip: [^\n]+$/u);
    return true;
  });
}

const one = (member: Partial<Made>, end: MadeEnd = {}) =>
  makeZip([{ name: "a.csv", content: CSV, ...member }], end);

Deno.test({
  name: "what zip packs is read: stored, deflated, from a pipe, with folders",
  ignore: !await isInstalled("zip"),
  fn: () =>
    inFolder(async (folder) => {
      await Deno.mkdir(`${folder}/data`);
      await Deno.writeTextFile(`${folder}/data/a.csv`, CSV);
      await Deno.writeTextFile(`${folder}/empty.csv`, "");
      await runIn(folder, "zip", ["-q", "-r", "deflated.zip", "data", "empty.csv"]);
      await runIn(folder, "zip", ["-q", "-0", "stored.zip", "data/a.csv"]);
      // To a pipe, sizes come after the data, and they may need 64 bits.
      const piped = await runIn(folder, "zip", ["-q", "-", "-"], CSV);
      await Deno.writeFile(`${folder}/piped.zip`, piped);
      await runIn(folder, "zip", ["-q", "-fz", "zip64.zip", "data/a.csv"]);

      const deflated = await readAt(`${folder}/deflated.zip`, "data/a.csv");
      assert.deepEqual(deflated, {
        names: ["data/", "data/a.csv", "empty.csv"],
        content: CSV,
        damage: null,
      });
      assert.equal((await readAt(`${folder}/deflated.zip`, "empty.csv")).content, "");
      assert.equal((await readAt(`${folder}/stored.zip`)).content, CSV);
      assert.deepEqual(await readAt(`${folder}/piped.zip`), {
        names: ["-"],
        content: CSV,
        damage: null,
      });
      assert.equal((await readAt(`${folder}/zip64.zip`)).content, CSV);
    }),
});

Deno.test({
  name: "an archive that zip has encrypted or divided is refused, with what to do",
  ignore: !await isInstalled("zip"),
  fn: () =>
    inFolder(async (folder) => {
      const noise = crypto.getRandomValues(new Uint8Array(60_000));
      await Deno.writeFile(`${folder}/a.csv`, joined(noise, noise));
      await runIn(folder, "zip", ["-q", "-P", "secret", "encrypted.zip", "a.csv"]);
      await runIn(folder, "zip", ["-q", "-s", "64k", "parts.zip", "a.csv"]);
      await refused(
        await Deno.readFile(`${folder}/encrypted.zip`),
        /"a.csv" is encrypted\. Unpack it/u,
      );
      await refused(await Deno.readFile(`${folder}/parts.zip`), /one part of a zip archive/u);
    }),
});

Deno.test("several members are read at the same time", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a.zip`;
    await Deno.writeFile(path, makeZip([{ name: "a", content: CSV }, { name: "b", content: "b" }]));
    const zip = await ZipFile.open(path, "a.zip");
    const both = await Promise.all(zip.members.map(async (member) => {
      let size = 0;
      for await (const piece of zip.read(member)) size += piece.length;
      return size;
    }));
    assert.deepEqual(both, [CSV.length, 1]);
  }));

Deno.test("names are in UTF-8, or in code page 437 if they can't be", async () => {
  const path = bytesOf("Übersicht.csv");
  const old = bytesOf("bersicht.csv");
  const field = joined(Uint8Array.of(1), uint32(crc32(old)), path);
  const { names } = await read(makeZip([
    { name: path },
    { name: path, flags: 0x800 },
    { name: joined(Uint8Array.of(0x9a), old) },
    { name: "folder\\a.csv" },
    { name: old, extra: joined(uint16(0x7075), uint16(field.length), field) },
  ]));
  assert.deepEqual(names, [
    "Übersicht.csv",
    "Übersicht.csv",
    "Übersicht.csv",
    "folder/a.csv",
    "Übersicht.csv",
  ]);
});

Deno.test("an archive may have something before and after it, and a comment", async () => {
  const before = bytesOf("#!/bin/sh unzip me\n");
  assert.equal((await read(one({}, { before }))).content, CSV);
  assert.equal((await read(one({}, { after: new Uint8Array(5000) }))).content, CSV);
  assert.equal((await read(one({}, { comment: "made by hand" }))).content, CSV);
});

Deno.test("a member that is damaged gives what is right, and says what is wrong", async () => {
  assert.deepEqual(await read(one({ crc: 1 })), {
    names: ["a.csv"],
    content: CSV,
    damage: "doesn't fit its checksum",
  });
  const longer = await read(one({ size: 1000 }));
  assert.deepEqual([longer.content, longer.damage], [
    CSV.slice(0, 1000),
    "is longer than its archive says",
  ]);
  const shorter = await read(one({ size: CSV.length + 1 }));
  assert.deepEqual([shorter.content, shorter.damage], [CSV, "breaks off"]);

  const broken = one({});
  broken.fill(0xff, 10_000, 10_100);
  const { content, damage } = await read(broken);
  assert.equal(damage, "can't be unpacked");
  // As far as the damage, with nothing that is not in the original but at the damage itself.
  assert.ok(content.length > 10_000);
  assert.ok(CSV.startsWith(content.slice(0, -300)));
});

Deno.test("what makes an archive dangerous is refused", async () => {
  for (const name of ["../a.csv", "/etc/passwd", "x/../../a.csv", "C:\\a.csv", "..\\a.csv"]) {
    await refused(makeZip([{ name: "a.csv" }, { name, content: CSV }]), /leads out of any folder/u);
  }
  const shared = [{ name: "a.csv", content: CSV }, { name: "b.csv", content: CSV, headerAt: 0 }];
  await refused(makeZip(shared), /overlaps another one/u);
  await refused(one({ packedSize: 1_000_000 }), /overlaps another one/u);
});

Deno.test("what can't be unpacked is refused, with what to do", async () => {
  await refused(one({ flags: 1 }), /"a\.csv" is encrypted\. Unpack it with its password\.$/u);
  await refused(one({ method: 14 }), /packed with LZMA, which isn't supported\. Unpack it/u);
  await refused(one({ method: 77 }), /packed with method 77/u);
  await refused(one({}, { disk: 1 }), /one part of a zip archive that is divided/u);
});

Deno.test("an archive without its end, or with a wrong list, is refused", async () => {
  const whole = one({});
  await refused(whole.subarray(0, whole.length - 30), /incomplete: the list of its members/u);
  await refused(whole.subarray(0, 5000), /incomplete: the list of its members/u);
  await refused(one({}, { count: 3 }), /damaged: the list of its members can't be read/u);
  const shifted = makeZip([{ name: "a.csv", content: CSV, headerAt: 3 }]);
  await refused(shifted, /isn't where its list says|overlaps/u);
  await refused(whole.subarray(100), /can't be read/u);
});

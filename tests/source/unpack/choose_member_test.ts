import assert from "node:assert/strict";
import { SourceError } from "../../../src/source/error.ts";
import { chooseMember } from "../../../src/source/unpack/zip/choose_member.ts";

function member(name: string) {
  return {
    ...{ name, size: 1, packedSize: 1, crc: 0, method: 8, headerAt: 0, isEncrypted: false },
    isFolder: name.endsWith("/"),
  };
}

function chosen(names: readonly string[], wanted: string | null = null) {
  const { member: { name }, note } = chooseMember(names.map(member), wanted, "a.zip");
  return [name, note];
}

function refused(names: readonly string[], wanted: string | null, message: RegExp): void {
  assert.throws(() => chosen(names, wanted), (error) => {
    assert.ok(error instanceof SourceError);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("the only file is meant, whatever it is called and whatever systems put beside it", () => {
  assert.deepEqual(chosen(["orders"]), ["orders", null]);
  const mac = ["data/", "data/orders.csv", "__MACOSX/", "__MACOSX/data/._orders.csv"];
  assert.deepEqual(chosen([...mac, ".DS_Store", "data/.DS_Store", "Thumbs.db", "._x"]), [
    "data/orders.csv",
    null,
  ]);
});

Deno.test("of several files, the only table is meant, and the others are told", () => {
  assert.deepEqual(chosen(["README.md", "orders.csv.gz", "logo.png"]), [
    "orders.csv.gz",
    'Of the zip archive, only "orders.csv.gz" is read, and not "README.md", "logo.png".',
  ]);
});

Deno.test("if several may be meant, ten are named, and how to choose", () => {
  refused(
    ["a.csv", "b.tsv", "c.md"],
    null,
    /several files: "a\.csv", "b\.tsv"\. Name one as source\.member/u,
  );
  const many = Array.from({ length: 1012 }, (_, i) => `${i}.csv`);
  refused(many, null, /"8\.csv", "9\.csv" and 1,002 more\. Name one/u);
  refused(["a", "b.txt"], null, /several files: "a", "b\.txt"/u);
  refused([`${"x".repeat(500)}\u001b[2J`, "b"], null, /several files: "x{100}…", "b"/u);
  refused(["a\u001b[2J\n.csv", "b.csv"], null, /"a\\u001b\[2J\\n\.csv"/u);
});

Deno.test("a name or a pattern says which is meant", () => {
  const names = ["2024/orders-1.csv", "2024/items-1.csv", "2023/orders-1.csv", "a*.csv"];
  assert.deepEqual(chosen(names, "2024/orders-1.csv"), ["2024/orders-1.csv", null]);
  assert.deepEqual(chosen(names, "items*"), ["2024/items-1.csv", null]);
  assert.deepEqual(chosen(names, "items-?.csv"), ["2024/items-1.csv", null]);
  assert.deepEqual(chosen(names, "2023/*"), ["2023/orders-1.csv", null]);
  assert.deepEqual(chosen(names, "a*.csv"), ["a*.csv", null]);
  assert.deepEqual(chosen(["x/a.csv", "x/a.csv"], "x/a.csv"), ["x/a.csv", null]);
  refused(names, "orders*", /"orders\*" means several files: "2024\/orders-1\.csv", "2023/u);
  refused(names, "*4/*1", /no member "\*4\/\*1"/u);
  refused(names, "none.csv", /no member "none\.csv", as source\.member says\. It has "2024/u);
});

Deno.test("a pattern takes no longer than both lengths multiplied", () => {
  refused([`${"a".repeat(60_000)}.csv`, "b"], `${"*a".repeat(30)}b`, /no member/u);
});

Deno.test("an archive without files is refused", () => {
  refused([], null, /the zip archive is empty/u);
  refused(["a/"], null, /the zip archive is empty/u);
  refused(["__MACOSX/a", ".DS_Store"], null, /several files: "__MACOSX/u);
});

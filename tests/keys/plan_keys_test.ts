import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { KeyHasher } from "../../src/keys/hasher.ts";
import { type KeyPlan, planKeys } from "../../src/keys/plan_keys.ts";
import { KeyRegister } from "../../src/keys/register.ts";
import { FoundScanner } from "../../src/kernel/found_scanner.ts";
import { Scanner } from "../../src/kernel/scanner.ts";
import type { Table, UniqueIndex } from "../../src/load/catalog/table.ts";
import { CopyWriter } from "../../src/row/copy_writer.ts";
import type { RecordCursor } from "../../src/source/record.ts";
import { bytesOf, csvRecords, foundOf, unknownToKernel } from "../source/records.ts";
import type { RecordFormat } from "../../src/source/record_format.ts";
import { column, compile, reader, rule, table } from "../row/rows.ts";

function unique(columns: readonly string[] | null, more: Partial<UniqueIndex> = {}): UniqueIndex {
  return {
    name: `t_${columns?.join("_") ?? "expression"}`,
    primary: false,
    columns,
    partial: false,
    predicate: null,
    nullsNotDistinct: false,
    deferrable: false,
    ...more,
  };
}

const COLUMNS = [column("id", "int4"), column("email"), column("name"), column("n", "numeric")];

/** The plan for a file with some of the table's columns, all of them mapped. */
function plan(header: readonly string[], target: Table, key: readonly string[] = []): KeyPlan {
  const columns = Object.fromEntries(header.map((name) => [name, rule({ from: [name] })]));
  const { programs } = compile({ columns, key }, header, target.columns, target);
  return planKeys(target, programs, key, [], new CopyWriter());
}

/** The numbers of the rows that are deferred, of a file with these lines. */
function waiting(
  lines: readonly string[],
  make: () => KeyPlan,
  fields: number,
): readonly number[] {
  const [one, other, third] = [make(), make(), make()];
  ok(one.kind === "hashed" && other.kind === "hashed" && third.kind === "hashed");
  const register = new KeyRegister(one.hasher, true);
  const records = reader(lines.join("\n"), fields);
  const rows = [];
  while (records.next()) if (add(register, records)) rows.push(records.row);
  const format = csvRecords(FORMAT, fields);
  deepStrictEqual(waitingAtOnce(lines, other.hasher, format), rows);
  deepStrictEqual(waitingOfFound(lines, third.hasher, format), rows);
  // The same with records that the kernel can't read.
  const [fourth, fifth] = [make(), make()];
  ok(fourth.kind === "hashed" && fifth.kind === "hashed");
  deepStrictEqual(waitingAtOnce(lines, fourth.hasher, unknownToKernel(format)), rows);
  deepStrictEqual(waitingOfFound(lines, fifth.hasher, unknownToKernel(format)), rows);
  return rows;
}

/** Adds a record without the kernel. Is it deferred? */
function add(register: KeyRegister, record: RecordCursor): boolean {
  return register.addAll({ hashes: register.hash(record, 0), bytes: 1, record: () => record })
    .length > 0;
}

/** Like `waiting`, with the kernel hashing all the keys that it can, some rows at a time. */
function waitingAtOnce(
  lines: readonly string[],
  hasher: KeyHasher,
  format: RecordFormat,
): number[] {
  const register = new KeyRegister(hasher, true);
  const bytes = new TextEncoder().encode(lines.join("\n"));
  const limits = { rows: 3, bytes: 1_000_000 };
  const scanner = new Scanner(format, register, limits, bytes.length);
  scanner.window.set(bytes);
  const rows: number[] = [];
  for (let at = 0, before = 0;;) {
    const cut = scanner.cut(at, bytes.length, true, before + 1);
    if (cut === null) return rows;
    rows.push(...register.addAll(scanner).map((index) => before + index + 1));
    before += cut.rows;
    at = cut.end;
  }
}

/** Like `waitingAtOnce`, for records from anywhere in the source. */
function waitingOfFound(
  lines: readonly string[],
  hasher: KeyHasher,
  format: RecordFormat,
): number[] {
  const register = new KeyRegister(hasher, true);
  const scanner = new FoundScanner(format, register);
  const records = lines.map((line, i) => ({ row: i + 1, line: i + 1, raw: bytesOf(line) }));
  const rows: number[] = [];
  for (let first = 0; first < records.length; first += 3) {
    scanner.scan(foundOf(records.slice(first, first + 3)));
    rows.push(...register.addAll(scanner).map((index) => scanner.record(index).row));
  }
  return rows;
}

const FORMAT = { type: "csv", delimiter: ",", newline: "lf", grammar: 2 } as const;

Deno.test("rows that share the definition's key or a unique index with an earlier row are deferred", () => {
  const target = table(COLUMNS, { uniqueIndexes: [unique(["id"]), unique(["email"])] });
  const found = plan(["id", "email", "name"], target, ["id"]);
  const lines = ["1,a,x", "2,b,x", "3,a,x", "2,c,x", "4,c,x", "5,d,x", "05,e,x"];
  deepStrictEqual(waiting(lines, () => found, 3), [3, 4, 5, 7]);
});

Deno.test("rows share a key only if all columns of an index are equal", () => {
  const target = table(COLUMNS, { uniqueIndexes: [unique(["email", "name"])] });
  const lines = ["a,b", "a,c", "b,a", "ab,", ",ab", "a,b"];
  deepStrictEqual(waiting(lines, () => plan(["email", "name"], target), 2), [6]);
});

Deno.test("index columns that the file doesn't fill may be equal in all rows", () => {
  const target = table(COLUMNS, { uniqueIndexes: [unique(["email", "name"])] });
  deepStrictEqual(waiting(["a", "b", "a"], () => plan(["email"], target), 1), [3]);
});

Deno.test("NULLs are equal only where the index says so", () => {
  const file = ["1,", "2,", "3,"];
  const distinct = table(COLUMNS, { uniqueIndexes: [unique(["email"])] });
  deepStrictEqual(waiting(file, () => plan(["id", "email"], distinct), 2), []);
  const equal = table(COLUMNS, {
    uniqueIndexes: [unique(["email"], { nullsNotDistinct: true })],
  });
  deepStrictEqual(waiting(file, () => plan(["id", "email"], equal), 2), [2, 3]);
  // All rows have NULL in a column that the file doesn't have.
  deepStrictEqual(waiting(["1", "2"], () => plan(["id"], equal), 1), [2]);
});

Deno.test("a key whose value fails its checks meets no other row", () => {
  const target = table(COLUMNS, { uniqueIndexes: [unique(["id"]), unique(["email"])] });
  const found = plan(["id", "email"], target, ["id"]);
  deepStrictEqual(waiting(["x,a", "x,b", "y,a", "1,b"], () => found, 2), [3, 4]);
});

Deno.test("a table without unique indexes and a definition without a key have no keys", () => {
  strictEqual(plan(["id"], table(COLUMNS)).kind, "none");
  // An index on a column that the file doesn't have, filled by a sequence.
  const serial = column("serial", "int4", { hasDefault: true, notNull: true });
  const target = table([...COLUMNS, serial], { uniqueIndexes: [unique(["serial"])] });
  strictEqual(plan(["id"], target).kind, "none");
});

Deno.test("keys that only Postgres can compare make the run go in order, with the reason", () => {
  const generated = column("slug", "text", { readonly: true, hasDefault: true });
  const because: readonly (readonly [Table, readonly string[], RegExp])[] = [
    [table(COLUMNS, { uniqueIndexes: [unique(null)] }), ["id"], /t_expression is on an expression/],
    [table(COLUMNS, { hasExclusionConstraint: true }), ["id"], /exclusion constraint/],
    [
      table([column("a", "inet")], { uniqueIndexes: [unique(["a"])] }),
      ["a"],
      /only Postgres can compare values of a/,
    ],
    [
      table([column("a", "text", { deterministic: false })], { uniqueIndexes: [unique(["a"])] }),
      ["a"],
      /values of a/,
    ],
    [
      table([...COLUMNS, generated], { uniqueIndexes: [unique(["slug"], { primary: true })] }),
      ["id"],
      /Postgres computes columns of t_slug/,
    ],
    [
      table([...COLUMNS, column("slug")], {
        uniqueIndexes: [unique(["slug"])],
        hasBeforeInsertTriggers: true,
      }),
      ["id"],
      /Postgres computes columns of t_slug/,
    ],
    [
      table(COLUMNS, { triggersChangeRows: true }),
      ["id"],
      /a trigger of customers updates or deletes rows/,
    ],
  ];
  for (const [target, header, reason] of because) {
    const found = plan(header, target);
    ok(found.kind === "in_order", String(reason));
    match(found.because, reason);
  }
});

Deno.test("an identity column that the file doesn't fill is no reason to go in order", () => {
  const id = column("no", "int8", { hasDefault: true, identity: "always" });
  for (const primary of [true, false]) {
    const target = table([...COLUMNS, id], { uniqueIndexes: [unique(["no"], { primary })] });
    strictEqual(plan(["id"], target).kind, "none");
  }
});

Deno.test("with mixed times with and without a zone, every row from the first mixed one on is deferred", () => {
  const at = column("at", "timestamptz", { type: "timestamp with time zone" });
  const target = table([at], { uniqueIndexes: [unique(["at"])] });
  const lines = [
    "2024-01-01 10:00:00+00",
    "2024-01-01 11:00:00+01",
    "2024-01-01 12:00:00Z",
    "2024-01-01 10:00:00",
    "2024-01-01 13:00:00Z",
  ];
  deepStrictEqual(waiting(lines, () => plan(["at"], target), 1), [2, 4, 5]);
});

Deno.test("a repeating row names the first row with its key, not one with a similar key", () => {
  const target = table(COLUMNS, { uniqueIndexes: [unique(["email"])] });
  const found = plan(["email"], target);
  ok(found.kind === "hashed");
  const file = ["b", "B", "a", "B", "b ", "A"].join("\n");
  const register = new KeyRegister(found.hasher, true);
  for (const records = reader(file, 1); records.next();) add(register, records);
  const search = register.duplicateSearch();
  ok(search);
  for (const records = reader(file, 1); !search.done && records.next();) {
    search.look({ hashes: found.hasher.hash(records), bytes: 1, record: () => records }, 0);
  }
  deepStrictEqual(search.found, [
    { rowNumber: 4, duplicateOf: 2, key: ["email"] },
    { rowNumber: 5, duplicateOf: 1, key: ["email"] },
  ]);
});

Deno.test("a repeating row is read only if somebody is going to name the first one", () => {
  const target = table(COLUMNS, { uniqueIndexes: [unique(["id"])] });
  const readBy = (namesDuplicates: boolean, findsEarlier: boolean) => {
    const found = plan(["id"], target, ["id"]);
    ok(found.kind === "hashed");
    const register = new KeyRegister(found.hasher, namesDuplicates, findsEarlier);
    let read = 0;
    for (const records = reader("1\n1\n2\n1", 1); records.next();) {
      const record = () => (read++, records);
      register.addAll({ hashes: register.hash(records, 0), bytes: 1, record });
    }
    return read;
  };
  deepStrictEqual([readBy(false, false), readBy(true, false), readBy(false, true)], [0, 2, 2]);
});

Deno.test("keys as they occur in files spread well: almost none is deferred for nothing", () => {
  const target = table(COLUMNS, { uniqueIndexes: [unique(["id"]), unique(["email"])] });
  const found = plan(["id", "email"], target, ["id"]);
  const lines = Array.from({ length: 200_000 }, (_, n) => `${n},customer${n}@example.org`);
  ok(waiting(lines, () => found, 2).length <= 2);
});

Deno.test("letters beyond ASCII match their other case, even if that is ASCII", () => {
  const target = table([column("k", "citext")], { uniqueIndexes: [unique(["k"])] });
  const lines = [
    "i",
    "İ",
    "straße",
    "STRASSE",
    "Σίσυφος",
    "ΣΊΣΥΦΟΣ",
    "é",
    "É",
    "\u00a0x",
    "X",
    "ü",
  ];
  deepStrictEqual(waiting(lines, () => plan(["k"], target), 1), [2, 4, 6, 8, 10]);
});

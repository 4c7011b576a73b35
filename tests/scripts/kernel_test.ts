import { deepEqual, equal, match, notEqual, rejects } from "node:assert/strict";
import { findStale, readSource } from "../../scripts/kernel.ts";
import { compileKernel, type ReadSource } from "../../scripts/kernel/compile.ts";
import { describeKernel, type KernelInterface } from "../../scripts/kernel/describe.ts";
import { contractModule } from "../../scripts/kernel/write.ts";

const KERNEL = new URL("../../src/kernel/", import.meta.url);

/** The sources, of which one says something else in one place. */
function changed(file: string, from: string, to: string): ReadSource {
  return async (path) => {
    const text = await readSource(path);
    if (path !== file || text === null) return text;
    equal(text.split(from).length, 2, `${file} says "${from}" once`);
    return text.replace(from, to);
  };
}

async function describeSources(read: ReadSource): Promise<KernelInterface> {
  return describeKernel(await compileKernel(read, false));
}

function contractOf(kernel: KernelInterface): ReadonlyMap<string, string> {
  return new Map([["contract.ts", contractModule(kernel)]]);
}

/** Where each field of a structure lies. */
function offsets(kernel: KernelInterface, name: string): Record<string, number> {
  const structure = kernel.structures.find((each) => each.name === name)!;
  const fields = structure.fields.map((field) => [field.name, field.at]);
  return { ...Object.fromEntries(fields), bytes: structure.bytes };
}

Deno.test("a field that is inserted moves those behind it, and the file in the repository is stale", async () => {
  const before = await describeSources(readSource);
  deepEqual(await findStale(contractOf(before), KERNEL), []);
  deepEqual(offsets(before, "Key"), { nullsEqual: 0, columns: 4, columnCount: 8, bytes: 12 });
  const read = changed("keys.ts", "  columnCount: u32;", "  inserted: f64;\n  columnCount: u32;");
  const kernel = await describeSources(read);
  deepEqual(offsets(kernel, "Key"), {
    nullsEqual: 0,
    columns: 4,
    inserted: 8,
    columnCount: 16,
    bytes: 20,
  });
  deepEqual(await findStale(contractOf(kernel), KERNEL), ["contract.ts"]);
});

Deno.test("a file that is not there is stale", async () => {
  const made = new Map([["contract.ts", ""]]);
  deepEqual(await findStale(made, new URL("no-such-folder/", KERNEL)), ["contract.ts"]);
});

Deno.test("an answer that is inserted gives the others new numbers", async () => {
  const kernel = await describeSources(changed("answer.ts", "  record,", "  paused,\n  record,"));
  const answers = kernel.enumerations.find(({ name }) => name === "Answer")!.members;
  deepEqual(answers.slice(0, 3), [
    { name: "end", value: 0 },
    { name: "paused", value: 1 },
    { name: "record", value: 2 },
  ]);
});

Deno.test("a function has the parameters and the comment of its source, in TypeScript's types", async () => {
  const read = changed("filter.ts", "hasKey(place: usize)", "hasKey(place: usize, exact: bool)");
  const contract = contractModule(await describeSources(read));
  match(
    contract,
    /^ {2}\/\*\* Is the key with .*\? \*\/\n {2}hasKey\(place: number, exact: boolean\): 0 \| 1;$/m,
  );
  notEqual(contract, await Deno.readTextFile(new URL("contract.ts", KERNEL)));
});

Deno.test("what a caller can't use is refused", async () => {
  const wide = changed("hash.ts", "beginHash(key: u32)", "beginHash(key: u64)");
  await rejects(describeSources(wide), /type u64/);
  const method = changed("keys.ts", "  columnCount: u32;", "  columnCount: u32;\n  other: u64;");
  await rejects(describeSources(method), /Key\.other is no field of a type/);
  const broken = changed("hash.ts", "beginHash(key: u32)", "beginHash(key: none)");
  await rejects(describeSources(broken), /Cannot find name 'none'/);
});

import assert from "node:assert/strict";
import {
  checkDirection,
  checkPackages,
  checkPrinting,
  findCycles,
  findImports,
} from "../../scripts/check_imports.ts";

Deno.test("imports are found in all their forms, and type imports are told from others", () => {
  const source = `
    import { a } from "../db/a.ts";
    import type { B } from "../db/b.ts";
    import { type C, type D } from "./c.ts";
    import { type E, e } from "./e.ts";
    export * from "./f.ts";
    export type { G } from "./g.ts";
    import "./h.ts";
    const i = await import("./i.ts");
    new Worker(ownModule("src/load/j.ts"), { type: "module" });
    // import { k } from "./k.ts";
    /* import { l } from "./l.ts"; */
    import { z } from "zod";
    import {
      type M,
      n,
    } from "./n.ts";
  `;
  const found = findImports("src/load/x.ts", source);
  const typeOnly = found.filter((one) => one.typeOnly).map(({ to }) => to);
  const values = found.filter((one) => !one.typeOnly).map(({ to }) => to);
  assert.deepEqual(typeOnly, ["src/db/b.ts", "src/load/c.ts", "src/load/g.ts"]);
  assert.deepEqual(values.sort(), [
    "src/db/a.ts",
    ...["e", "f", "h", "i", "j", "n"].map((name) => `src/load/${name}.ts`),
  ]);
});

Deno.test("an import in the wrong direction is a violation, unless it is a type or shared", () => {
  const check = (from: string, to: string, typeOnly = false) =>
    checkDirection([{ from, to, typeOnly }]);
  assert.deepEqual(check("src/load/a.ts", "src/row/b.ts"), [
    "src/load/a.ts imports src/row/b.ts: load may import only types from row",
  ]);
  assert.deepEqual(check("src/load/a.ts", "src/row/b.ts", true), []);
  assert.deepEqual(check("src/load/a.ts", "src/row/outcome.ts"), []);
  assert.deepEqual(check("src/load/a.ts", "src/load/b.ts"), []);
  assert.equal(check("src/db/a.ts", "src/load/catalog/table.ts", true).length, 1);
  assert.equal(check("src/cli/a.ts", "src/source/csv.ts").length, 1);
  assert.equal(check("src/run/a.ts", "src/cli/b.ts", true).length, 1);
  assert.equal(check("main.ts", "src/run/a.ts").length, 1);
  assert.deepEqual(check("src/misc/a.ts", "src/db/b.ts"), [
    "src/misc/a.ts: the folder misc is not in import_rules.ts",
  ]);
});

Deno.test("a folder's rooms have their own directions, even for types", () => {
  const check = (from: string, to: string) => checkDirection([{ from, to, typeOnly: true }]);
  assert.deepEqual(check("src/run/work/a.ts", "src/run/plan/b.ts"), []);
  assert.deepEqual(check("src/run/work/a.ts", "src/run/work/b.ts"), []);
  assert.deepEqual(check("src/run/plan/a.ts", "src/run/c.ts"), []);
  assert.deepEqual(check("src/run/plan/a.ts", "src/run/work/b.ts"), [
    "src/run/plan/a.ts imports src/run/work/b.ts: plan may import nothing from work",
  ]);
  assert.deepEqual(check("src/run/supply/a.ts", "src/run/c.ts"), [
    "src/run/supply/a.ts imports src/run/c.ts: supply may import nothing from its folder's own files",
  ]);
  assert.deepEqual(check("src/run/attic/a.ts", "src/run/c.ts"), [
    "src/run/attic/a.ts: the room attic is not in import_rules.ts",
  ]);
});

Deno.test("a cycle is found, whether values or types complete it", () => {
  const edge = (from: string, to: string, typeOnly = false) => ({ from, to, typeOnly });
  const open = [edge("a", "b"), edge("b", "c"), edge("d", "b")];
  assert.deepEqual(findCycles(open), []);
  for (const typeOnly of [true, false]) {
    assert.deepEqual(findCycles([...open, edge("c", "a", typeOnly)]), ["cycle: a → b → c → a"]);
  }
});

Deno.test("only commands may print and exit", () => {
  const source = `// console.log\nconst text = "console.log";\nconsole.log(1);\nDeno.exit(2);`;
  assert.deepEqual(checkPrinting("src/run/a.ts", source), [
    "src/run/a.ts:3: console.log belongs in src/cli or main.ts",
    "src/run/a.ts:4: Deno.exit belongs in src/cli or main.ts",
  ]);
  assert.deepEqual(checkPrinting("src/cli/a.ts", source), []);
});

Deno.test("packages that only tests need stay out of the program", () => {
  const source = `
    import { z } from "zod/mini";
    import type { Context } from "hono";
    import { readFile } from "node:fs";
    import { a } from "./a.ts";
    // import ts from "typescript";
    import ts from "typescript";
    import {
      createClient,
    } from "@hey-api/openapi-ts";
    const late = await import("openapi-typescript");
  `;
  assert.deepEqual(checkPackages("src/http/a.ts", source), [
    "src/http/a.ts imports typescript, which is not part of the program",
    "src/http/a.ts imports @hey-api/openapi-ts, which is not part of the program",
    "src/http/a.ts imports openapi-typescript, which is not part of the program",
  ]);
});

Deno.test("imports of the kernel's sources, which name no file ending, are found too", () => {
  assert.deepEqual(findImports("src/kernel/assembly/x.ts", `import { y } from "./y";`), [
    { from: "src/kernel/assembly/x.ts", to: "src/kernel/assembly/y.ts", typeOnly: false },
  ]);
  assert.deepEqual(findImports("src/kernel/x.ts", `import { y } from "./y";`), []);
});

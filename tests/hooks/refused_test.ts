/** Hooks files that can't be used: before there is a run, and in one line. */
import assert from "node:assert/strict";
import { DefinitionError } from "../../src/importer/definition_errors.ts";
import { findImporter } from "../../src/importer/folder.ts";
import { readHooks, WrongHooks } from "../../src/hooks/read_hooks.ts";
import { withHooks } from "../../src/run/hooks/choose_hooks.ts";

const FILES: readonly (readonly [code: string, expected: RegExp])[] = [
  ["export default ({ => 1", /^t1\.js can't be loaded: Unexpected token .=>.*at t1\.js:1:19$/],
  ["throw new Error('not today')", /^t2\.js can't be loaded: not today$/],
  [
    'import { x } from "./nowhere.js"; export default () => x;',
    /^t3\.js can't be loaded: Module not found "nowhere\.js"/,
  ],
  [
    'import { x } from "./words.js"; export default () => x;',
    /^t4\.js can't be loaded: .*'\.\/words\.js' does not provide an export named 'x'/,
  ],
  [
    'import { z } from "zod"; export default () => ({});',
    /^t5\.js imports zod: hooks can import only files beside them.*z comes as an argument/,
  ],
  [
    'const x = await import("npm:left-pad"); export default () => ({});',
    /^t6\.js imports npm:left-pad/,
  ],
  ["const a = 1;", /^t7\.js exports no default; expected export default/],
  [
    "export default { beforeRow() {} };",
    /^t8\.js exports an object; expected export default \(\{ z \}\)/,
  ],
  [
    "export default () => ({ columns: { wrod: () => 1 } });",
    /^t9\.js has a function for the column wrod, .*; did you mean word\?$/,
  ],
  ["for (;;);", /^the file did not return within 3 s$/],
  ["export default () => new Promise(() => {});", /^the file did not return within 3 s$/],
  ["Deno.exit(2);", /^t12\.js can't be loaded: Deno.exit: hooks can't end the program/],
];

Deno.test("a hooks file that can't be loaded is told in a line, with the place in the definition", async () => {
  const folder = await Deno.makeTempDir({ prefix: "ingest-hooks-" });
  try {
    await Deno.writeTextFile(`${folder}/words.js`, "export const y = 1;");
    await Promise.all(FILES.map(async ([code, expected], index) => {
      const name = `t${index + 1}`;
      await Deno.writeTextFile(`${folder}/${name}.hooks.js`, code);
      // All are loaded at the same time: on a busy machine, any of them may take a while.
      const time = expected.source.includes("did not return") ? "1s" : "1h";
      await Deno.writeTextFile(
        `${folder}/${name}.yaml`,
        `table: t\nhooks: ./${name}.hooks.js\noptions: {hook_timeout: ${time}}\ncolumns: {word: Word}\n`,
      );
      const importer = await findImporter(folder, name);
      await assert.rejects(withHooks(importer.definition, importer), (error) => {
        assert.ok(error instanceof DefinitionError, String(error));
        const [{ line, path, message }] = error.problems;
        assert.deepEqual([line, path], [2, "hooks"]);
        const [, told] = message.split(": hooks: ");
        assert.match(told.replaceAll(".hooks.js", ".js"), expected);
        assert.ok(!told.includes("file://") && !told.includes("\n"), told);
        return true;
      });
    }));
    await Deno.remove(`${folder}/t1.hooks.js`);
    const importer = await findImporter(folder, "t1");
    await assert.rejects(withHooks(importer.definition, importer), /there is no t1\.hooks\.js/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const EXPORTS: readonly (readonly [given: unknown, expected: RegExp])[] = [
  [5, /^its function returned a number; expected an object/],
  [undefined, /^its function returned nothing/],
  [[], /^its function returned a list/],
  [{}, /^it has no hook; expected at least one of schema, beforeRow, columns, tables, table/],
  [{ afterRow: () => {} }, /^afterRow: there is no such hook; there are schema, beforeRow/],
  [{ table: () => "a" }, /^tables is nothing; expected the names of which table gives one/],
  [{ table: () => "a", tables: [] }, /^tables is a list; expected the names of which table/],
  [{ table: "a", tables: ["a"] }, /^table is a string; expected a function/],
  [{ tables: ["a"] }, /^tables: there is no table\(row\), which gives one of them/],
  [{ schema: {} }, /^schema is an object; expected one of zod/],
  [{ beforeRow: 5 }, /^beforeRow is a number; expected a function/],
  [{ columns: () => 1 }, /^columns is a function; expected functions by target column/],
  [{ columns: { a: "b" } }, /^columns\.a is a string; expected a function/],
];

for (const [given, expected] of EXPORTS) {
  Deno.test(`what a hooks file gives is refused: ${expected.source}`, () => {
    assert.throws(() => readHooks(given), (error) => {
      assert.ok(error instanceof WrongHooks);
      assert.match(error.message, expected);
      return true;
    });
  });
}

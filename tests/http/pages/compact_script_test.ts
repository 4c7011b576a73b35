/** Scripts mean the same without comments and blanks. */
import assert from "node:assert/strict";
import ts from "typescript";
import { compactScript } from "../../../src/http/pages/compact_script.ts";

const ASSETS = new URL("../../../src/http/pages/assets/", import.meta.url);

async function* scriptsIn(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* scriptsIn(new URL(`${name}/`, folder));
    else if (name.endsWith(".js")) yield new URL(name, folder);
  }
}

/** What a script means: the kind of each of its parts, and what the smallest ones say. */
function meaningOf(script: string): readonly string[] {
  const source = ts.createSourceFile("script.ts", script, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    const isSmall = ts.isToken(node) || ts.isIdentifier(node);
    found.push(`${ts.SyntaxKind[node.kind]}${isSmall ? ` ${node.getText()}` : ""}`);
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

Deno.test("every script of the pages means the same as its source", async () => {
  let scripts = 0;
  for await (const file of scriptsIn(ASSETS)) {
    const source = await Deno.readTextFile(file);
    const compact = compactScript(source);
    assert.deepEqual(meaningOf(compact), meaningOf(source), file.pathname);
    assert.ok(compact.length < 0.8 * source.length, `${file.pathname}: ${compact.length}`);
    scripts++;
  }
  assert.ok(scripts > 20);
});

for (
  const [source, compact] of [
    ["const a = b + +c - -d;", "const a=b+ +c- -d;"],
    ["/** @type {string[]} */\nlet a = [\n  1, // one\n  2,\n];\n", "let a=[1,2];"],
    ["const a = `x  ${ b({ c: `y  ${d}` }) }  // z`;", "const a=`x  ${b({c:`y  ${d}`})}  // z`;"],
    [
      'const a = /[/ ] \\/ "/u.test(b) ? 1 / 2 : c(/[ ]x/);',
      'const a=/[/ ] \\/ "/u.test(b)?1/2:c(/[ ]x/);',
    ],
    ["for (;;) while (b()) ;", "for(;;)while(b());"],
    ['return "a  /* b */";', 'return"a  /* b */";'],
    [
      "class A {\n  static #b = 1;\n  get #c() { return 1; }\n}\n",
      "class A{static#b=1;get#c(){return 1}}",
    ],
  ]
) {
  Deno.test(`what is left of ${JSON.stringify(source)}`, () => {
    assert.equal(compactScript(source), compact);
  });
}

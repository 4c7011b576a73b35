/** Messages over HTTP name no commands and no options of commands. */
import assert from "node:assert/strict";
import ts from "typescript";
import { buildCommandLine } from "../../src/cli/command_line.ts";
import { withoutCommands } from "../../src/http/answers/public_commands.ts";
import { memoryOutput } from "../cli/memory_output.ts";

/** Folders whose messages can reach a client. */
const FOLDERS = ["run", "ledger", "report", "source", "row", "load", "keys", "http", "importer"];
/** Programs that ingest starts, and what only commands and the server's start say. */
const ELSEWHERE = new Set([
  "src/run/work/lonely_process.ts",
  "src/http/listening.ts",
  "src/http/answers/public_commands.ts",
  // Of `errors --suggest --apply` and of views, which are made with commands only.
  "src/run/request/suggest/apply.ts",
  "src/run/request/failed_view.ts",
  // A list of runs, behind `first:`.
  "src/run/request/undo/undo_notes.ts",
  // Tokens are made with commands.
  "src/ledger/tokens.ts",
  // What `ingest init` and `ingest schema` write.
  "src/run/guess/make_draft.ts",
  "src/importer/json_schema/definition_help.ts",
  "src/importer/json_schema/column_help.ts",
  "src/http/docs/stylesheet.ts",
  // The names that messages have for commands; the API has others.
  "src/importer/ad_hoc.ts",
  // Where tokens come from is for who runs the server.
  "src/http/docs/openapi.ts",
  "src/http/docs/page.ts",
]);

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesIn(path) : /\.tsx?$/u.test(name) ? [path] : [];
  });
}

/** The texts of a program, with 7 for what is filled in. Pieces joined by `+` are one text. */
function textsIn(source: string): string[] {
  const texts: string[] = [];
  const textOf = (node: ts.Node): string => {
    if (ts.isStringLiteralLike(node)) return node.text;
    if (ts.isTemplateExpression(node)) {
      return node.head.text + node.templateSpans.map((span) => `7${span.literal.text}`).join("");
    }
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
      return textOf(node.left) + textOf(node.right);
    }
    return ts.isParenthesizedExpression(node) ? textOf(node.expression) : "7";
  };
  const visit = (node: ts.Node, isPart: boolean) => {
    const isSum = ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.PlusToken;
    const isText = isSum || ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
    if (isText && !isPart) texts.push(textOf(node));
    node.forEachChild((child) =>
      visit(child, isText && (isSum || isPart) && !ts.isTemplateSpan(child))
    );
  };
  visit(ts.createSourceFile("x.tsx", source, ts.ScriptTarget.Latest, true), false);
  return texts;
}

Deno.test("no message that can reach a client names a command or an option", async () => {
  const names = buildCommandLine(memoryOutput().output, () => {}).commands
    .map((command) => command.name());
  const named = new RegExp(String.raw`\bingest (?:${names.join("|")})\b|(?<![\w-])--[a-z]`, "u");
  const found: string[] = [];
  let changed = 0;
  for (const path of FOLDERS.flatMap((folder) => filesIn(`src/${folder}`))) {
    if (ELSEWHERE.has(path)) continue;
    for (const text of textsIn(await Deno.readTextFile(path))) {
      if (!named.test(text)) continue;
      const words = withoutCommands(text);
      changed++;
      if (named.test(words) || /``|: *[.,]|\(\)/u.test(words)) found.push(`${path}: ${words}`);
    }
  }
  assert.deepEqual(found, []);
  assert.ok(changed > 50, `only ${changed}: the search finds nothing`);
});

Deno.test("what is left of a message says what to do", () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      "Cannot retry run 3: it is processing. Wait for it to end: ingest wait 3, or cancel it: ingest cancel 3",
      "Cannot retry run 3: it is processing. Wait for it to end, or cancel it",
    ],
    [
      "Cannot resume run 4: 1 of its rows was waived since. Retry the others: ingest retry 3, or take that back: ingest waive 3 --undo --all",
      "Cannot resume run 4: 1 of its rows was waived since. Retry the others (run 3), or take that back",
    ],
    ["There is no run 9. `ingest runs` lists them.", "There is no run 9."],
    [
      "Run 3 has loaded the same bytes on 2026-01-02: nothing to do (--once). Some rows failed: ingest errors 3",
      "Run 3 has loaded the same bytes on 2026-01-02: nothing to do (`once`). Some rows failed",
    ],
    [
      "Finish it: ingest resume 3, take it back: ingest undo 3, or forget it: ingest delete 3",
      "Finish it (run 3), take it back, or forget it",
    ],
    [
      "retry only those that are kept: ingest errors 3 --code type --export failed.csv, then ingest retry 3 --file failed.csv",
      "retry only those that are kept: download them, and retry run 3 with that file",
    ],
    [
      "Mend that line, or name the file's encoding with --encoding or in the definition.",
      "Mend that line, or name the file's encoding in the definition.",
    ],
    [
      "If that is wrong, say --delimiter tab.",
      "If that is wrong, say `delimiter: tab` in the definition's source.",
    ],
    [
      "load the file with --skip-lines 2, or set skip_lines: 2 in the definition's source.",
      "set skip_lines: 2 in the definition's source.",
    ],
    [
      "To take those back as well, first: ingest undo 5, then ingest undo 4",
      "To take those back as well, first: undo run 5, then undo run 4",
    ],
    [
      'that are kept: ingest errors 3 --column "a, b" --export failed.csv, then ingest retry 3 --file failed.csv',
      "that are kept: download them, and retry run 3 with that file",
    ],
    ["The file a--b.csv and x -- y stay.", "The file a--b.csv and x -- y stay."],
  ];
  for (const [text, words] of cases) assert.equal(withoutCommands(text), words);
});

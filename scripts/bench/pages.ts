/**
 * Puts a result of the benchmark into the documents: the tables of README.md and docs/speed.md, and
 * both pictures. The first result is that of the embedded server; others become columns.
 *
 *     scripts/deno task bench:pages bench-results/embedded.json bench-results/other.json
 */
import { fileURLToPath } from "node:url";
import { groupTable, mainTable, method } from "./markdown.ts";
import { drawDetails, drawHeadline } from "./picture.ts";
import type { BenchResult } from "./result.ts";

const HEADLINE = "![How long a messy file and a clean one take](docs/headline.svg)";

/** What is between a section's marks in a page. */
const SECTIONS: Readonly<Record<string, (results: readonly BenchResult[]) => string>> = {
  main: (results) => `${HEADLINE}\n\n${mainTable(results)}`,
  method: (results) => method(results),
  files: (results) => groupTable("files", results),
  sources: (results) => groupTable("sources", results),
  shapes: (results) => groupTable("shapes", results),
  types: (results) => groupTable("types", results),
  steps: (results) => groupTable("steps", results),
};

const END = "<!-- bench end -->";

const PAGES = ["README.md", "docs/speed.md"];
const PICTURES = { "docs/headline.svg": drawHeadline, "docs/bench.svg": drawDetails } as const;

/** The page with its sections written anew. Throws if one is unknown or has no end. */
export function fillPage(page: string, results: readonly BenchResult[]): string {
  const [before, ...rest] = page.split(/^<!-- bench: (?=\w+ -->$)/mu);
  return before + rest.map((section) => {
    const name = section.slice(0, section.indexOf(" "));
    const end = section.indexOf(END);
    if (SECTIONS[name] === undefined) throw new Error(`No section is called ${name}`);
    if (end === -1) throw new Error(`The section ${name} has no end`);
    return `<!-- bench: ${name} -->\n\n${SECTIONS[name](results)}\n\n${section.slice(end)}`;
  }).join("");
}

async function main(paths: readonly string[]): Promise<void> {
  const results = await Promise.all(
    paths.map(async (path): Promise<BenchResult> => JSON.parse(await Deno.readTextFile(path))),
  );
  for (const [path, draw] of Object.entries(PICTURES)) {
    await Deno.writeTextFile(inRepository(path), draw(results));
  }
  for (const path of PAGES) {
    const page = await Deno.readTextFile(inRepository(path));
    await Deno.writeTextFile(inRepository(path), fillPage(page, results));
  }
  await format(PAGES.map(inRepository));
}

async function format(paths: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", ...paths],
    cwd: inRepository(""),
  }).output();
  if (!success) throw new Error(`deno fmt: ${new TextDecoder().decode(stderr)}`);
}

function inRepository(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

if (import.meta.main) {
  if (Deno.args.length === 0) {
    console.error("Usage: pages.ts <bench-results/….json> [<bench-results/….json> …]");
    Deno.exit(1);
  }
  await main(Deno.args);
}

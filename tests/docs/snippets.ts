/** Takes pages apart into what they tell people to type, and what people then get to see. */
import assert from "node:assert/strict";
import { type Page, readPage, readPages } from "./pages.ts";

export interface Block {
  /** The word after the fence: `sh`, `sql`, … */
  readonly language: string;
  /** `test`: a test does this. `http`: beside a running server. `serve`: that server. */
  readonly marks: readonly string[];
  readonly text: string;
}

export function readBlocks({ text }: Page): readonly Block[] {
  return [...text.matchAll(/^```(\w+)((?: \w+)*)\n([^]*?)^```$/gmu)].map(
    ([, language, marks, text]) => ({
      language,
      marks: marks.split(" ").filter((mark) => mark !== ""),
      text,
    }),
  );
}

export interface Command {
  readonly text: string;
  /** Lines that its output has, in this order. */
  readonly shown: readonly string[];
}

/** The `sh` blocks with exactly these marks, each with the `text` block that follows it at once. */
export function readCommands(page: Page, marks: readonly string[] = ["test"]): readonly Command[] {
  const blocks = readBlocks(page);
  return blocks.flatMap((block, index) => {
    if (block.language !== "sh" || block.marks.join() !== marks.join()) return [];
    const next = blocks[index + 1];
    const shown = next?.language === "text" ? next.text.trimEnd().split("\n") : [];
    return [{ text: block.text, shown }];
  });
}

/** The texts of a page's tested blocks in a language. */
export function readTested(page: Page, language: string): readonly string[] {
  return readBlocks(page)
    .filter((block) => block.marks.includes("test") && block.language === language)
    .map(({ text }) => text);
}

/** The pages that have commands with these marks. */
export async function pagesWithCommands(marks: readonly string[]): Promise<readonly Page[]> {
  return (await readPages()).filter((page) => readCommands(page, marks).length > 0);
}

/** What the README's example begins with; the other pages go on from there. */
export interface Example {
  /** Creates the table. */
  readonly table: string;
  /** The content of `customers.csv`. */
  readonly file: string;
  /** Names the database, and says what `ingest` is. */
  readonly setup: string;
  /** Writes `importers/customers.yaml`. */
  readonly definition: Command;
}

export async function readExample(): Promise<Example> {
  const readme = await readPage("README.md");
  const commands = readCommands(readme);
  const find = (what: string) => {
    const found = commands.find(({ text }) => text.includes(what));
    assert.ok(found, `the README has a tested block with ${what}`);
    return found;
  };
  const [table, ...tables] = readTested(readme, "sql");
  const [file, ...files] = readTested(readme, "csv");
  assert.ok(table && file, "the README has a table and a file");
  assert.deepEqual([...tables, ...files], [], "the README has one of each");
  return {
    table,
    file,
    setup: find("export DATABASE_URL=").text,
    definition: find("importers/customers.yaml"),
  };
}

/** Each line of `shown` begins a line of the output, in this order; `…` is the rest of a line. */
export function assertShows(output: string, { text, shown }: Command): void {
  assert.doesNotMatch(output, /ingest: |error: |curl: /iu, `${text} complains`);
  const lines = output.split("\n");
  let from = 0;
  for (const line of shown) {
    const begin = line.replace(/…$/u, "");
    const at = lines.findIndex((each, index) => index >= from && each.startsWith(begin));
    assert.ok(at >= 0, `after ${text}\nthe page shows\n${line}\nbut it printed\n${output}`);
    from = at + 1;
  }
}

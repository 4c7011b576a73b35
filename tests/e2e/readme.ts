/** Takes the README apart into what it tells people to type, and what they then get to see. */
import assert from "node:assert/strict";

export interface Block {
  /** The word after the fence: `sh`, `sql`, … */
  readonly language: string;
  /** `test`: this is done by a test. `http`: beside a server that runs. `serve`: that server. */
  readonly marks: readonly string[];
  readonly text: string;
}

export function readBlocks(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\w+)((?: \w+)*)\n([^]*?)^```$/gmu)].map(
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
export function readCommands(
  blocks: readonly Block[],
  marks: readonly string[] = ["test"],
): readonly Command[] {
  return blocks.flatMap((block, index) => {
    if (block.language !== "sh" || block.marks.join() !== marks.join()) return [];
    const next = blocks[index + 1];
    const shown = next?.language === "text" ? next.text.trimEnd().split("\n") : [];
    return [{ text: block.text, shown }];
  });
}

/** The one tested block in a language. */
export function readOnly(blocks: readonly Block[], language: string): string {
  const found = blocks.filter((block) =>
    block.marks.includes("test") && block.language === language
  );
  if (found.length === 1) return found[0].text;
  throw new Error(`the README has ${found.length} tested ${language} blocks, expected 1`);
}

/** Each line of `shown` begins a line of the output, in this order; `…` is the rest of a line. */
export function assertShows(output: string, { text, shown }: Command): void {
  assert.doesNotMatch(output, /ingest: |error: |curl: /iu, `${text} complains`);
  const lines = output.split("\n");
  let from = 0;
  for (const line of shown) {
    const begin = line.replace(/…$/u, "");
    const at = lines.findIndex((each, index) => index >= from && each.startsWith(begin));
    assert.ok(at >= 0, `after ${text}\nthe README shows\n${line}\nbut it printed\n${output}`);
    from = at + 1;
  }
}

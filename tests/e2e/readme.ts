/** Takes the README apart into what it tells people to type, and what they then get to see. */

export interface Block {
  /** The word after the fence: `sh`, `sql`, … */
  readonly language: string;
  /** It says `test` too: this is done by a test. */
  readonly tested: boolean;
  readonly text: string;
}

export function readBlocks(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\w+)( test)?\n([^]*?)^```$/gmu)].map(
    ([, language, tested, text]) => ({ language, tested: tested !== undefined, text }),
  );
}

export interface Command {
  readonly text: string;
  /** Lines that its output has, in this order. */
  readonly shown: readonly string[];
}

/** The tested `sh` blocks, each with the `text` block that follows it at once. */
export function readCommands(blocks: readonly Block[]): readonly Command[] {
  return blocks.flatMap(({ language, tested, text }, index) => {
    if (!tested || language !== "sh") return [];
    const next = blocks[index + 1];
    const shown = next?.language === "text" ? next.text.trimEnd().split("\n") : [];
    return [{ text, shown }];
  });
}

/** The one tested block in a language. */
export function readOnly(blocks: readonly Block[], language: string): string {
  const found = blocks.filter((block) => block.tested && block.language === language);
  if (found.length === 1) return found[0].text;
  throw new Error(`the README has ${found.length} tested ${language} blocks, expected 1`);
}

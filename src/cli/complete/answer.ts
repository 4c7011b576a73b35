/**
 * The answer to a shell, in fields that end with NUL, because nothing else can't be part of a name.
 * The first field says what the shell has to do: `values`, `files` or `folders`.
 */
import { displayWidth, padEnd, printable, truncate } from "../render/terminal_text.ts";
import type { Asked } from "./asked.ts";
import { type BashLine, quoteForBash } from "./bash_line.ts";
import type { Candidate } from "./candidate.ts";

export type Answer = readonly string[];

const LONGEST_DESCRIPTION = 70;

/** Bash inserts what it gets, as it is. */
export function answerForBash(
  asked: Asked,
  candidates: readonly Candidate[],
  { kept, quote }: BashLine,
): Answer {
  const words = matching(asked, candidates).map(({ value }) => asked.lead + value);
  return [
    kindOf(asked),
    ...words.filter((word) => word.startsWith(kept))
      .map((word) => quoteForBash(word.slice(kept.length), quote)),
  ];
}

/** The title of the list, then pairs: what is inserted (zsh quotes it), and what is shown. */
export function answerForZsh(asked: Asked, candidates: readonly Candidate[]): Answer {
  const found = matching(asked, candidates);
  const shown = found.map(({ value }) => printable(value));
  const width = Math.max(0, ...shown.map(displayWidth));
  return [
    kindOf(asked),
    asked.what.kind,
    ...found.flatMap(({ value, description }, index) => [
      asked.lead + value,
      description === ""
        ? shown[index]
        : `${padEnd(shown[index], width)}  -- ${shorten(description)}`,
    ]),
  ];
}

/** Fish quotes the value, which ends at the first tab. */
export function answerForFish(asked: Asked, candidates: readonly Candidate[]): Answer {
  return [
    kindOf(asked),
    ...matching(asked, candidates).filter(({ value }) => !value.includes("\t"))
      .map(({ value, description }) => `${asked.lead}${value}\t${shorten(description)}`),
  ];
}

function kindOf({ what: { kind } }: Asked): string {
  return kind === "files" || kind === "folders" ? kind : "values";
}

function matching({ typed }: Asked, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(typed));
}

/** Descriptions have names of files and messages about data: anybody's text. */
function shorten(description: string): string {
  return truncate(printable(description), LONGEST_DESCRIPTION);
}

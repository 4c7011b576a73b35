/** By which words the values of a column say yes or no. */
import type { ColumnFacts } from "./column_profile.ts";
import { type Reading, unique } from "./reading.ts";

/** Words for yes and no, in pairs; the first pair is what ingest knows without being told. */
const WORDS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [["true", "t", "yes", "y", "on", "1"], ["false", "f", "no", "n", "off", "0"]],
  [["ja", "j", "wahr"], ["nein", "n", "falsch"]],
  [["oui", "o", "vrai"], ["non", "n", "faux"]],
  [["si", "sí", "s", "verdadero"], ["no", "n", "falso"]],
  [["sim", "s", "verdadeiro"], ["não", "nao", "n", "falso"]],
  [["active", "aktiv", "enabled"], ["inactive", "inaktiv", "disabled"]],
  [["x"], ["-"]],
];

export function asBoolean({ words, nullWords, filled }: ColumnFacts): Reading | null {
  if (words === null || words.size === 0) return null;
  const counted = [...words].filter(([word]) => !nullWords.has(word));
  for (const [index, [yes, no]] of WORDS.entries()) {
    const isYes = ([word]: readonly [string, number]) => yes.includes(word.toLowerCase());
    const isNo = ([word]: readonly [string, number]) => no.includes(word.toLowerCase());
    const [trues, falses] = [counted.filter(isYes), counted.filter(isNo)];
    const fits = [...trues, ...falses].reduce((sum, [, count]) => sum + count, 0);
    if (trues.length === 0 || falses.length === 0 || fits * 2 < filled) continue;
    const others = counted.filter((each) => !isYes(each) && !isNo(each));
    return {
      type: "boolean",
      rule: index === 0 ? {} : {
        true: unique(trues.map(([word]) => word.toLowerCase())),
        false: unique(falses.map(([word]) => word.toLowerCase())),
      },
      fits,
      exceptions: {
        count: others.reduce((sum, [, count]) => sum + count, 0),
        lines: [],
        example: others.map(([word]) => word).join(", "),
      },
      nullWords: [...nullWords.keys()],
      otherwise: null,
      lossy: null,
      zoned: 0,
    };
  }
  return null;
}

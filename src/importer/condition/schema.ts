/** The shape of a condition in a definition's file. What fits together is in check.ts. */
import * as z from "zod/mini";
import { flag, mapping, oneOrMore, text, texts } from "../schema_parts.ts";

export const A_CONDITION =
  "a condition such as {column: Type, equals: refund}; several: {all: [{…}, {…}]}";

const A_TEXT = "text; for cells without a value, say empty: true";
const comparedText = z.union([z.string(), z.number(), z.boolean()], { error: A_TEXT });

const TESTS = {
  column: z.optional(oneOrMore("a source column or a list of its names")),
  equals: z.optional(comparedText),
  one_of: z.optional(texts("a list of texts")),
  not: z.optional(z.union([text, texts(A_TEXT)], { error: A_TEXT })),
  matches: z.optional(z.string({ error: "a regular expression" })),
  empty: z.optional(flag),
  present: z.optional(flag),
  ignore_case: z.optional(flag),
};

/** Conditions that are made of others may contain such ones, but those only plain ones. */
const plain = mapping({ ...TESTS }, A_CONDITION);
const combined = mapping({ ...TESTS, ...ofOthers(plain) }, A_CONDITION);
export const conditionSchema = mapping({ ...TESTS, ...ofOthers(combined) }, A_CONDITION);

function listOf<Item extends z.core.$ZodType>(item: Item) {
  const error = "a list of conditions such as {column: Type, equals: refund}";
  return z.array(item, { error }).check(z.minLength(1, { error }));
}

function ofOthers<Item extends z.core.$ZodType>(item: Item) {
  return {
    all: z.optional(listOf(item)),
    any: z.optional(listOf(item)),
    none: z.optional(listOf(item)),
  };
}

type Whole = z.output<typeof conditionSchema>;

/** A condition at any depth, of which the innermost have no others. */
export interface ParsedCondition extends Omit<Whole, "all" | "any" | "none"> {
  readonly all?: readonly ParsedCondition[] | undefined;
  readonly any?: readonly ParsedCondition[] | undefined;
  readonly none?: readonly ParsedCondition[] | undefined;
}

/** The keys of a condition. `depth`: how many others it is part of. */
export function conditionKeys(depth: number): readonly string[] {
  return Object.keys((depth === 0 ? conditionSchema : depth === 1 ? combined : plain).shape);
}

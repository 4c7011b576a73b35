/** Values that definitions are made of. Each `error` completes "expected". */
import * as z from "zod/mini";

/** Numbers and booleans are taken as written, because YAML needs no quotes for text. */
export const text = z.union([z.string(), z.number(), z.boolean()], { error: "text" });
export const textOrNull = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: "text or null",
});
export const flag = z.boolean({ error: "true or false" });
export const number = z.number({ error: "a number" });

export function wholeNumber(min: number) {
  const error = `a whole number, ${min} or more`;
  return z.int({ error }).check(z.minimum(min, { error }));
}

export function texts(error: string) {
  return z.array(text, { error }).check(z.minLength(1, { error }));
}

/** Takes `one` or `[one, another]`. */
export function oneOrMore(error: string) {
  return z.union([text, texts(error)], { error });
}

export function choice<const Words extends readonly string[]>(words: Words, canonical?: string[]) {
  return z.enum(words, { error: `one of ${(canonical ?? words).join(", ")}` });
}

export function mapping<Shape extends z.core.$ZodLooseShape>(shape: Shape, error: string) {
  return z.strictObject(shape, { error });
}

/**
 * Parameters of paths, queries and forms. They arrive as text, and the document says what they mean:
 * a client that is generated from it takes numbers, booleans and files.
 */
import { z } from "@hono/zod-openapi";

// Patterns have no flags, because the document would include them in the pattern.

/** At most 15 digits: Postgres can hold the id, and so can a number. */
export const runId = z.object({
  id: z.string().regex(/^[1-9]\d{0,14}$/, "expected the number of a run").meta({
    ...{ type: "integer", format: "int64", minimum: 1, maximum: 999_999_999_999_999 },
    description: "The run's number.",
    example: 12,
  }),
});

/** `true`, `1`, `false`, `0`: how forms and query strings write a boolean. */
export const flag = z.enum(["true", "false", "1", "0"]).meta({ type: "boolean" });

export function isSet(value: z.infer<typeof flag> | undefined): boolean {
  return value === "true" || value === "1";
}

export function wholeNumber(min: number, max: number, otherwise: number) {
  const expected = `expected a whole number from ${min} to ${max}`;
  return z.string().regex(/^\d{1,6}$/, expected)
    .refine((text) => Number(text) >= min && Number(text) <= max, expected)
    .optional()
    .meta({
      ...{ type: "integer", minimum: min, maximum: max, default: otherwise },
      description: `From ${min} to ${max}; default: ${otherwise}.`,
    });
}

export const cursorParameter = z.string().regex(/^\d{1,15}$/, "expected a next_cursor")
  .optional().meta({ description: "`meta.next_cursor` of the previous page." });

/**
 * For documentation only: uploads are streamed, not parsed as a whole. A file has no JSON type. With
 * `type: string`, generated clients would want its content as a text.
 */
export const fileField = z.any().refine((file) => file !== undefined).meta({
  format: "binary",
  contentMediaType: "application/octet-stream",
});

/** The shape of `on_absent` and `scope` in a definition file. */
import * as z from "zod/mini";
import { mapping, text, textOrNull } from "./schema_parts.ts";

export const ON_ABSENT = "keep, delete or {mark: {column: …, value: …}}";

export const markSchema = mapping(
  { column: text, value: textOrNull },
  "a mapping {column, value}",
);

export const absentMapping = mapping({ mark: markSchema }, ON_ABSENT);

export const onAbsentSchema = z.union([
  z.enum(["keep", "delete"], { error: ON_ABSENT }),
  absentMapping,
], {
  error: ON_ABSENT,
});

export const A_SCOPE = "a mapping from columns of the table to values such as {supplier: acme}";

const A_SCOPED = "a value or a list of values";

export const scopeSchema = z.record(
  z.string(),
  z.union([textOrNull, z.array(textOrNull, { error: A_SCOPED })], { error: A_SCOPED }),
  { error: A_SCOPE },
);

export const MAX_ABSENT = 'a number of rows or a percentage such as "5%"';

export const maxAbsentSchema = z.union([z.string(), z.number()], { error: MAX_ABSENT });

export type ParsedOnAbsent = z.output<typeof onAbsentSchema>;
export type ParsedScope = z.output<typeof scopeSchema>;

/** What requests for a run's rows say, and what they are answered. */
import { z } from "@hono/zod-openapi";
import { rowReportSchema, rowStatus } from "../../report/row_schema.ts";
import type { WindowPlace } from "../../report/row_window.ts";
import { errorsQuery } from "./error_schemas.ts";
import { cursorParameter, flag, isSet, wholeNumber } from "../requests/parameters.ts";
import { wrongField } from "../requests/validation.ts";

const A_PLACE = "expected a whole number of at most 12 digits";

export const rowsQuery = errorsQuery.extend({
  status: rowStatus.optional(),
  limit: wholeNumber(1, 1000, 100),
  cursor: cursorParameter,
  direction: z.enum(["forward", "backward"]).optional().meta({
    description:
      "`backward`: the failed rows before the cursor, a `meta.previous_cursor`. Without " +
      "a cursor: the last ones.",
  }),
  offset: z.string().regex(/^\d{1,12}$/, A_PLACE).optional().meta({
    ...{ type: "integer", minimum: 0 },
    description: "Instead of a cursor: how many failed rows come before the page.",
  }),
  left: flag.optional().meta({
    description: "1: only failed rows that are neither fixed nor waived.",
  }),
});

const cursor = z.string().nullable();
const count = z.int().nonnegative();

export const pageOfRows = z.strictObject({
  data: z.array(rowReportSchema),
  meta: z.strictObject({
    next_cursor: cursor,
    previous_cursor: cursor.optional().meta({
      description: "This and the rest only if the request says `direction`, `offset` or `left`.",
    }),
    total: count.optional().meta({ description: "How many failed rows the query is about." }),
    offset: count.optional().meta({ description: "How many of them come before the page." }),
  }),
});

/** Null if the request moves only forward over the log. Throws RequestRefused. */
export function windowAsked(
  { status, cursor, direction, offset, left }: z.infer<typeof rowsQuery>,
): { readonly place: WindowPlace; readonly left: boolean } | null {
  if (direction === undefined && offset === undefined && left === undefined) return null;
  if (status !== undefined && status !== "failed") {
    throw wrongField(
      "status",
      "expected failed: only those have an offset, a direction, or are left",
    );
  }
  if (offset !== undefined && (cursor !== undefined || direction === "backward")) {
    throw wrongField("offset", "expected an offset, or a cursor with a direction, not both");
  }
  const place: WindowPlace = offset !== undefined
    ? { from: Number(offset) }
    : direction === "backward"
    ? { before: cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor) }
    : { after: Number(cursor ?? 0) };
  return { place, left: isSet(left) };
}

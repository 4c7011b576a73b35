/** `group`, `code`, `column`, `of_file`: how requests name certain errors. */
import { z } from "@hono/zod-openapi";
import { GROUP_ID } from "../../ledger/groups/group_id_form.ts";
import { GROUP_CODES } from "../../row/outcome.ts";
import type { ErrorsAsked } from "../../run/request/choose_errors.ts";

const groupId = z.string().regex(
  new RegExp(GROUP_ID.source.replace("a-f", "a-fA-F")),
  "expected the id of a group, or at least its first 4 digits",
);
const code = z.enum(GROUP_CODES).meta({ id: "ErrorCode" });
const column = z.string().min(1).max(1000);
const file = z.string().min(1).max(4000);

/** One, or a list: a query names the parameter several times. */
function oneOrMore<Schema extends z.ZodType>(schema: Schema, description: string) {
  return z.union([schema, z.array(schema).min(1).max(100)]).optional().meta({ description });
}

const fields = {
  group: oneOrMore(groupId, "Only rows with errors of this group, or one of these."),
  code: oneOrMore(code, "Only rows with errors of this code, or one of these."),
  column: oneOrMore(column, "Only rows with errors in this column, or one of these."),
  of_file: oneOrMore(file, "Only rows of this file, of a run that reads several."),
};

/** Parameters that a query may have several times. */
export const REPEATABLE: ReadonlySet<string> = new Set([...Object.keys(fields), "key"]);

export const errorsQuery = z.object(fields);
type Given = z.infer<typeof errorsQuery>;

export function errorsAsked({ group, code, column, of_file }: Given): ErrorsAsked {
  return {
    ...{ groups: listOf(group), codes: listOf(code), columns: listOf(column) },
    files: listOf(of_file),
  };
}

function listOf(given: string | readonly string[] | undefined): readonly string[] {
  return typeof given === "string" ? [given] : given ?? [];
}

/** Cases beside a definition: rows of a file, and what is to come of them (`customers.test.yaml`). */
import { join } from "node:path";
import * as z from "zod/mini";
import { DefinitionError } from "./definition_errors.ts";
import { readDocument } from "./document/document.ts";
import { describe, Problems } from "./problem.ts";
import { mapping, textOrNull } from "./schema_parts.ts";

const OUTCOMES = ["created", "updated", "skipped", "failed"] as const;
const cells = z.record(z.string(), z.unknown(), { error: "a mapping from columns to values" });
const values = z.record(z.string(), textOrNull, { error: "a mapping from columns to values" });
const codes = z.union([z.string(), z.array(z.string())], { error: "an error's code, or a list" });

const caseSchema = mapping({
  case: z.string({ error: "what holds, in a sentence" }),
  given: z.optional(
    z.union([z.array(values), z.record(z.string(), z.array(values))], {
      error: "a list of rows of the table; of several tables, a mapping from each to such a list",
    }),
  ),
  rows: z.array(
    mapping({
      in: cells,
      table: z.optional(z.string({ error: "a table of the definition" })),
      outcome: z.optional(z.enum(OUTCOMES, { error: `one of ${OUTCOMES.join(", ")}` })),
      errors: z.optional(
        z.record(z.string(), codes, { error: "a mapping from columns to codes of errors" }),
      ),
      values: z.optional(values),
    }, "a mapping such as {in: {Age: 30}, outcome: created}"),
    { error: "a list of rows" },
  ).check(z.minLength(1, { error: "at least one row" })),
}, "a mapping such as {case: …, rows: […]}");

const casesSchema = z.array(caseSchema, { error: "a list of cases" })
  .check(z.minLength(1, { error: "at least one case" }));

export type Case = z.output<typeof caseSchema>;
export type CaseRow = Case["rows"][number];

export interface CaseFile {
  readonly file: string;
  /** Of the importer. */
  readonly slug: string;
}

const NAME = /^([a-z0-9][a-z0-9_-]*)\.test\.(?:ya?ml|json)$/u;

/** In the order of their names; none if there is no such folder. */
export async function listCaseFiles(folder: string): Promise<readonly CaseFile[]> {
  const found: CaseFile[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      const slug = NAME.exec(name)?.[1];
      if (slug !== undefined) found.push({ file: join(folder, name), slug });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.toSorted((a, b) => a.file < b.file ? -1 : 1);
}

/** Throws DefinitionError with all that is wrong. */
export async function readCases(file: string): Promise<readonly Case[]> {
  const { value, positions, problems } = readDocument(await Deno.readTextFile(file), file);
  if (problems.count > 0) throw new DefinitionError(problems.list);
  const parsed = casesSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const found = new Problems({ file, positions });
  for (const issue of parsed.error.issues) {
    const path = issue.path.map((part) => typeof part === "number" ? part : String(part));
    const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : null;
    if (unknown !== null) {
      found.add([...path, unknown], {
        found: describe(unknown),
        expected: "case, given, rows; in a row: in, table, outcome, errors, values",
        sentence:
          "unknown key; a case has case, given and rows, and a row in, table, outcome, errors and values",
      });
    } else found.wrong(path, at(value, path), issue.message);
  }
  throw new DefinitionError(found.list);
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === "object" && inner !== null
        ? (inner as Record<string | number, unknown>)[part]
        : undefined,
    value,
  );
}

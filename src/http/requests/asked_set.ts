/** Keys of the definition that a request sets for its run. */
import type { Context } from "hono";
import type { Definition } from "../../importer/definition.ts";
import { DefinitionError } from "../../importer/definition_errors.ts";
import { readPath, type SetValues, whyNotSettable } from "../../importer/set/setting.ts";
import { telling } from "../../importer/set/telling.ts";
import type { ParseOptions } from "../../importer/validate.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import type { RequestEnv } from "../server_context.ts";
import { wrongField } from "./validation.ts";

const EXPECTED =
  'expected a JSON object from keys of the definition to values, such as {"on_duplicate": ' +
  '"update", "columns.source.value": "crm"}';

/** What is told of a run's own rows. Who may release a run, undo it or keep its rows isn't a request's to say. */
const OPTIONS: readonly string[] = ["batch_rows", "batch_bytes", "max_errors", "strict_headers"];
const DUPLICATES: readonly string[] = ["on_duplicate", "on_missing"];
const NAMED = "set";

/** Undefined: nothing is set. As YAML, which JSON is. Throws RequestRefused. */
export function readSet(text: string | undefined): SetValues | undefined {
  if (text === undefined || text === "") return undefined;
  try {
    return setValues(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw wrongField(NAMED, EXPECTED);
    throw error;
  }
}

/** Throws RequestRefused. */
export function setValues(given: unknown): SetValues | undefined {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw wrongField(NAMED, EXPECTED);
  }
  // In this order, so that requests that say the same are the same.
  const values = Object.entries(given).toSorted(([a], [b]) => a < b ? -1 : 1);
  for (const [key] of values) {
    const refusal = whyNot(key);
    if (refusal !== null) throw wrongField(NAMED, `${shown(key)}: ${refusal}`);
  }
  return values.length === 0
    ? undefined
    : Object.fromEntries(values.map(([key, value]) => [key, JSON.stringify(value)]));
}

function whyNot(key: string): string | null {
  const path = readPath(key);
  if (path === null) return "expected a key of the definition, such as options.max_errors";
  const [first, second, third] = path;
  if (first === "columns") {
    return third !== undefined && third !== "lookup"
      ? null
      : "a request may set single keys of a column, such as columns.source.value, but no look-up";
  }
  if (first === "options" && OPTIONS.includes(second)) return null;
  if (first === "source" && second !== "max_unpacked") return whyNotSettable(path);
  if (DUPLICATES.includes(first) || first === "time_zone") return null;
  return "a request may set on_duplicate, on_missing, time_zone, keys of columns, how the file is " +
    `read (such as source.delimiter), and ${OPTIONS.map((name) => `options.${name}`).join(", ")}`;
}

/** For finding the definition. */
export function settingOptions(set: SetValues | undefined): Promise<Pick<ParseOptions, "set">> {
  return telling(set, NAMED);
}

/** Problems of what was set are the request's; others are the definition's. */
export async function asRequest<Found>(find: () => Promise<Found>): Promise<Found> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof DefinitionError) refuseAsRequest(error);
    throw error;
  }
}

/** Throws RequestRefused if what was set is at fault. */
export function refuseAsRequest({ problems }: DefinitionError): void {
  const own = problems.find(({ file }) => file === NAMED);
  if (own !== undefined) throw wrongField(NAMED, own.message.slice(`${NAMED}: `.length));
}

/**
 * A token that is limited to importers can neither say what becomes of rows that are there, nor fill
 * columns that they leave alone. Throws RequestRefused.
 */
export function refuseBeyondToken(
  c: Context<RequestEnv>,
  set: SetValues | undefined,
  { slug, columns }: Pick<Definition, "slug" | "columns">,
): void {
  if (set === undefined || c.get("principal").importers === null) return;
  const isFilled = (key: string) => {
    const [first, column] = readPath(key) ?? [];
    return first !== "columns" || Object.hasOwn(columns ?? {}, column);
  };
  const key = Object.keys(set).find((key) => DUPLICATES.includes(key) || !isFilled(key));
  if (key === undefined) return;
  throw new RequestRefused(
    403,
    "forbidden",
    `This token is limited to some importers, so it can't set ${shown(key)} for ${slug}.`,
  );
}

function shown(key: string): string {
  return key.slice(0, 100);
}

/**
 * Edits the text of a definition where it has to change, and nowhere else: comments, order, quotes,
 * line ends and everything else stay byte by byte.
 */
import { isDeepStrictEqual } from "node:util";
import { type DefinitionEdit, type Json, pathOf } from "./definition_edit.ts";
import { readDocument } from "./document.ts";
import { NotEditable, splice, type Step } from "./splice_document.ts";

export { NotEditable } from "./splice_document.ts";

/**
 * `sourceOf`: the file's name for a column about which the definition says nothing. Throws
 * NotEditable.
 */
export function editDocument(
  text: string,
  file: string,
  edits: readonly DefinitionEdit[],
  sourceOf: (column: string) => string,
): string {
  return applySteps(text, file, edits.map((edit) => (now) => stepsOf(edit, now, sourceOf)));
}

/** Each of `plans` makes steps of the document as it is then. Throws NotEditable. */
export function applySteps(
  text: string,
  file: string,
  plans: readonly ((document: unknown) => Iterable<Step>)[],
): string {
  const isJson = file.toLowerCase().endsWith(".json");
  const before = readDocument(text, file).value;
  if (!isMapping(before)) throw new NotEditable("it is no mapping");
  let edited = text;
  let wanted: unknown = before;
  for (const plan of plans) {
    for (const step of plan(wanted)) {
      edited = splice(edited, step, isJson);
      wanted = withStep(wanted, step);
    }
  }
  // With an anchor or a merge key, more can have changed than was meant.
  if (isDeepStrictEqual(plain(readDocument(edited, file).value), plain(wanted))) return edited;
  throw new NotEditable("parts of it are written in a way that only a person should change");
}

/** What has to be there first: `columns`, the column as a mapping, the key. */
function* stepsOf(
  edit: DefinitionEdit,
  document: unknown,
  sourceOf: (column: string) => string,
): Generator<Step> {
  const path = pathOf(edit);
  const known = at(document, path);
  const { change, at: place } = edit;
  if ("add" in change && isMapping(known)) {
    for (const [key, set] of Object.entries(change.add)) yield { path: [...path, key], set };
    return;
  }
  if ("append" in change && known !== undefined) {
    yield { path, append: change.append };
    return;
  }
  const value = "set" in change
    ? change.set
    : "add" in change
    ? change.add
    : change.append.length === 1 && takesOne(edit)
    ? change.append[0]
    : change.append;
  // The longest beginning of the path that is there; the rest is one new value.
  let there = path.length;
  while (there > 0 && !isMapping(at(document, path.slice(0, there - 1)))) there--;
  const parent = at(document, path.slice(0, there));
  let set: Json = value;
  for (const key of path.slice(there).toReversed()) set = { [key]: set };
  if ("column" in place && there <= 2 && isMapping(set)) {
    // `plan: Plan` becomes `plan: { from: Plan, … }`.
    const inner = there === 2 ? set : (set as Record<string, Json>)[place.column];
    const from = there === 2 && parent !== undefined ? parent as Json : sourceOf(place.column);
    const mapping: Json = { from, ...inner as Record<string, Json> };
    set = there === 2 ? mapping : { [place.column]: mapping };
  }
  yield { path: path.slice(0, there), set };
  if (!("column" in place) || at(document, ["columns"]) !== undefined) return;
  // Otherwise, columns that are not listed would no longer be filled.
  const options = at(document, ["options"]);
  if (isMapping(options)) yield { path: ["options", "unmapped"], set: "auto" };
  else yield { path: ["options"], set: { unmapped: "auto" } };
}

/** Keys whose list may be one value alone. */
function takesOne({ at: place }: DefinitionEdit): boolean {
  return "column" in place && ["format", "accept", "true", "false"].includes(place.key);
}

function withStep(document: unknown, step: Step): unknown {
  const { path, set, append } = step;
  if (path.length === 0) {
    return append === undefined ? set : [...[document].flat(), ...append];
  }
  const [key, ...rest] = path;
  const mapping = isMapping(document) ? document : {};
  if (step.remove && rest.length === 0) {
    return Object.fromEntries(Object.entries(mapping).filter(([name]) => name !== key));
  }
  return { ...mapping, [key]: withStep(mapping[key], { ...step, path: rest }) };
}

/** What the document has there; undefined: nothing. */
export function at(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined,
    document,
  );
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As JSON, because a document's mappings have other prototypes than literals. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

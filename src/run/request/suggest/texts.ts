/** Candidates that change a column's texts: blanks, case, words for nothing, slips of the pen. */
import type { DefinitionEdit, Json } from "../../../importer/document/definition_edit.ts";
import type { Definition } from "../../../importer/definition.ts";
import { nearest } from "../../../importer/nearest.ts";
import { inOrder } from "../../../row/step.ts";
import { transformStep } from "../../../row/transform.ts";
import { ValueProblem } from "../../../row/value_problem.ts";
import { catalogType } from "../../../row/types/value_type.ts";
import type { Candidate, RefusedColumn } from "./candidate.ts";
import { escaped, of } from "./notations.ts";

/** More replacements than that are a list that belongs into the file or into a table. */
const MAX_REPLACED = 20;

/** The simpler ones first: of those that help equally, the first is suggested. */
const TRANSFORMS: readonly (readonly Json[])[] = [
  ["trim"],
  ["squish"],
  ["lower"],
  ["upper"],
  ["title"],
  ["squish", "lower"],
  ["squish", "upper"],
  [replace("[\\u200b\\u200e\\u200f\\u2060\\ufeff\\u00ad]", "")],
  [replace("\\s+", "")],
  [replace("^mailto:\\s*", "")],
  [replace("^.*<([^<>\\s]+)>$", "$1")],
  [replace("[.,;:]+$", "")],
  [replace("^['\"]+|['\"]+$", "")],
  [replace("\\.0+$", "")],
  ["digits"],
];

export function textCandidates(
  refused: RefusedColumn,
  definition: Definition,
): readonly Candidate[] {
  const { codes, rule } = refused;
  if (refused.values.length === 0) return [];
  const one = (edits: readonly DefinitionEdit[]): Candidate => ({
    column: refused.column.name,
    edits,
    rivals: [],
    ...refused.referenced && { among: refused.referenced },
  });
  const found: Candidate[] = [];
  if (["type", "pattern", "one_of", "foreign_key", "max_length"].some((code) => has(codes, code))) {
    for (const steps of TRANSFORMS) {
      // Numbers lose their sign and their point with it.
      if (steps[0] === "digits" && !has(codes, "pattern")) continue;
      found.push(one([of(refused, "transform", { append: steps })]));
    }
  }
  if (rule.type === "url") {
    found.push(
      one([of(refused, "transform", { append: [replace("^(?!https?://)", "https://")] })]),
    );
  }
  const nulls = nullWords(refused, definition);
  if (nulls !== null && !refused.referenced) found.push(one([nulls]));
  const booleans = booleanWords(refused);
  if (booleans.length > 0) found.push(one(booleans));
  const labels = nearestLabels(refused);
  if (labels !== null) found.push(one([labels]));
  return found;
}

function has(codes: ReadonlySet<string>, code: string): boolean {
  return codes.has(code);
}

function replace(pattern: string, by: string): Json {
  return { replace: { pattern, with: by } };
}

/** What people and programs write where there is no value. */
const NOTHING =
  /^(?:n\.?\s?\/?\s?a\.?|#n\/a|#null!|null|\(null\)|none|nil|nan|nul|undefined|unknown|missing|keine?|k\. ?a\.|-+|–|—|\.+|\?+|x{2,}|tbd|empty|\\n|0{4}-00-00(?:[ t]00:00(?::00)?)?|00[./]00[./]0{4})$/iu;

function nullWords(refused: RefusedColumn, { source }: Definition): DefinitionEdit | null {
  const words = [...new Set(refused.values.map(({ text }) => text.trim()))]
    .filter((text) => NOTHING.test(text) && !source.null_values.includes(text));
  if (words.length === 0 || words.length > MAX_REPLACED) return null;
  if (source.unquoted_nulls !== undefined) {
    const pattern = `^(?:${words.map(escaped).join("|")})$`;
    return of(refused, "transform", { append: [replace(pattern, "")] });
  }
  // The file may not say what the usual one is.
  const before = source.null_values.length === 1 && source.null_values[0] === "" ? [""] : [];
  return { at: { source: "null_values" }, change: { append: [...before, ...words] } };
}

const TRUE = ["true", "t", "yes", "y", "on", "1"], FALSE = ["false", "f", "no", "n", "off", "0"];
/** In the languages that files are in. */
const MEAN_TRUE =
  /^(?:ja|j|oui|o|si|sí|s|sim|da|tak|kyllä|evet|igen|ano|wahr|vrai|vero|verdadero|waar|sant|x|✓|✔|active|aktiv|actif|enabled|ok|checked|-1)$/iu;
const MEAN_FALSE =
  /^(?:nein|nee|nej|nei|não|nao|nie|ne|non|niet|hayır|nem|falsch|faux|falso|onwaar|inactive|inaktiv|inactif|disabled|unchecked|✗|✘|-)$/iu;

function booleanWords(refused: RefusedColumn): readonly DefinitionEdit[] {
  const { rule, codes, messages } = refused;
  const isBoolean = (rule.type ?? catalogType(refused.column)) === "boolean" ||
    [...messages].some((text) => text.includes("must be yes or no"));
  if (!has(codes, "type") || !isBoolean) return [];
  const seen = new Set(refused.values.map(({ text }) => text.trim().toLowerCase()));
  return ([["true", MEAN_TRUE, rule.true, TRUE], ["false", MEAN_FALSE, rule.false, FALSE]] as const)
    .flatMap(([key, meaning, own, usual]) => {
      const words = [...seen].filter((word) => meaning.test(word));
      if (words.length === 0) return [];
      const before = own === null ? usual.filter((word) => !words.includes(word)) : [];
      return [of(refused, key, { append: [...before, ...words] })];
    });
}

/** Each value that is nearly one of those that are allowed becomes that one. */
function nearestLabels(refused: RefusedColumn): DefinitionEdit | null {
  const { rule, column, referenced, values } = refused;
  const texts = new Set(values.map(({ text }) => rule.trim ? text.trim() : text));
  if (rule.map !== null) {
    const map = rule.map;
    const found = pairs(texts, Object.keys(map)).map(([from, to]) => [from, map[to]]);
    return found.length === 0 ? null : of(refused, "map", { add: Object.fromEntries(found) });
  }
  const labels = rule.one_of ?? column.enumLabels ?? referenced;
  if (labels === null) return null;
  // What is appended to the steps gets what they have made of the text.
  const found = pairs(new Set([...texts].flatMap((text) => afterSteps(refused, text))), labels);
  if (found.length === 0) return null;
  return of(refused, "transform", {
    append: found.map(([from, to]) => replace(`^${escaped(from)}$`, to.replaceAll("$", "$$$$"))),
  });
}

/** The text that the definition's steps make of a text; none if they find something wrong with it. */
function afterSteps({ rule, column }: RefusedColumn, text: string): readonly string[] {
  const steps = rule.transform.flatMap((step) =>
    step.op === "concat"
      ? []
      : [transformStep(step, rule, column, (code, message) => new ValueProblem(code, message))]
  );
  const made = inOrder(steps, true)(text);
  return typeof made === "string" ? [made] : [];
}

/** `nearest` compares with each label. */
const MAX_LABELS = 5_000;

function pairs(texts: ReadonlySet<string>, labels: Iterable<string>) {
  const known = [...labels].slice(0, MAX_LABELS);
  const found: (readonly [string, string])[] = [];
  for (const text of texts) {
    if (found.length === MAX_REPLACED) break;
    const same = known.filter((label) => label.toLowerCase() === text.toLowerCase());
    const label = same.length === 1 ? same[0] : mayBeSlip(text) ? nearestTo(text, known) : null;
    if (label !== null && text !== "" && text !== label) found.push([text, label]);
  }
  return found;
}

/** Codes and numbers differ in a letter and mean something else. */
function mayBeSlip(text: string): boolean {
  return (text.match(/\p{L}/gu)?.length ?? 0) >= 3;
}

function nearestTo(text: string, known: readonly string[]): string | null {
  const label = nearest(text, known);
  const digits = (of: string) => of.replace(/\P{N}/gu, "");
  return label !== null && digits(label) === digits(text) ? label : null;
}

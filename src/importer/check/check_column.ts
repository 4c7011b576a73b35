/** Checks whether the values of one column rule fit together. */
import type { ParsedColumn } from "../schema.ts";
import { TYPE_SYNONYMS } from "../schema.ts";
import type { ValueType } from "../definition.ts";
import { describe, type Path, type Problems } from "../problem.ts";
import { kindsOf, reportFormats } from "../report_formats.ts";
import { ROW_WORDS, RUN_WORDS } from "../constant_words.ts";
import { checkConstant } from "./check_constant.ts";
import { checkDefault } from "./check_default.ts";
import { checkPattern } from "./check_pattern.ts";
import { checkTransform, tooFewSources } from "./check_transform.ts";

const NUMERIC: readonly ValueType[] = ["integer", "numeric", "float"];
const TEMPORAL: readonly ValueType[] = ["date", "time", "timestamp"];

/** Keys that make sense only for these types. Without a type, the table's column decides. */
const KEYS_OF_TYPES = [
  { keys: ["min", "max"], types: NUMERIC, transform: "number" },
  { keys: ["decimal", "thousands", "accept"], types: NUMERIC, transform: "number" },
  { keys: ["format"], types: TEMPORAL, transform: "date" },
  { keys: ["true", "false"], types: ["boolean"], transform: "boolean" },
] as const satisfies readonly {
  keys: readonly (keyof ParsedColumn)[];
  types: readonly ValueType[];
  transform: string;
}[];

/** `fileWords`: what is known of a file by its name. */
export function checkColumn(
  path: Path,
  column: ParsedColumn,
  fileWords: readonly string[],
  problems: Problems,
): void {
  if (column.value !== undefined) {
    const ofFile = fileWords.map((word) => `file.${word}`);
    const tokens = [...new Set([...RUN_WORDS, ...ROW_WORDS, ...ofFile])];
    checkConstant(path, column, String(column.value), tokens, problems);
    return;
  }
  checkSources(path, column, problems);
  checkLimits(path, column, problems);
  checkTypeKeys(path, column, problems);
  checkKept(path, column, problems);
  checkSeparators(path, column, problems);
  checkFormats(path, column, problems);
  checkEmpty(path, column, problems);
  checkDefault(path, column, canonicalType(column.type), problems);
  if (column.pattern !== undefined) {
    checkPattern([...path, "pattern"], column.pattern, problems);
  }
  for (const [index, transform] of (column.transform ?? []).entries()) {
    checkTransform([...path, "transform", index], transform, column, problems);
  }
}

/** Null means that the table's column decides. */
export function canonicalType(type: ParsedColumn["type"]): ValueType | null {
  if (type === undefined) return null;
  return isSynonym(type) ? TYPE_SYNONYMS[type] : type;
}

function isSynonym(type: string): type is keyof typeof TYPE_SYNONYMS {
  return Object.hasOwn(TYPE_SYNONYMS, type);
}

function checkSources(path: Path, column: ParsedColumn, problems: Problems): void {
  const sources = column.from === undefined ? [] : [column.from].flat();
  for (const source of sources) {
    if (source === "") problems.wrong([...path, "from"], source, "a source column's name");
  }
  if (column.concat !== undefined && sources.length < 2) {
    tooFewSources([...path, "concat"], sources.length, problems);
  }
}

function checkLimits(path: Path, column: ParsedColumn, problems: Problems): void {
  for (const [low, high] of [["min", "max"], ["min_length", "max_length"]] as const) {
    const from = column[low], to = column[high];
    if (from === undefined || to === undefined || from <= to) continue;
    problems.add([...path, low], {
      found: String(from),
      expected: `at most \`${high}\`, which is ${to}`,
    });
  }
}

/** `on_update: keep` is about empty values, so there have to be some. */
function checkKept(path: Path, column: ParsedColumn, problems: Problems): void {
  if (column.on_update !== "keep") return;
  const fills = column.default !== undefined && column.default !== null
    ? "`default`"
    : column.transform?.some((step) => typeof step === "object" && step.default !== undefined)
    ? "the transform `default`"
    : column.required === true && column.when === undefined
    ? "`required`"
    : null;
  if (fills === null) return;
  problems.add([...path, "on_update"], {
    found: `keep together with ${fills}`,
    expected: "a column that may be empty",
    sentence: `keep is for empty values, and with ${fills} there are none`,
  });
}

function checkTypeKeys(path: Path, column: ParsedColumn, problems: Problems): void {
  const type = canonicalType(column.type);
  if (type === null) return;
  for (const { keys, types, transform } of KEYS_OF_TYPES) {
    const allowed: readonly ValueType[] = types;
    if (allowed.includes(type) || column.transform?.includes(transform)) continue;
    for (const key of keys) {
      if (column[key] === undefined) continue;
      problems.add([...path, key], {
        found: `type ${type}`,
        expected: types.join(", "),
        sentence: `applies only to ${listed(types)}, but the type here is ${type}`,
      });
    }
  }
}

function checkSeparators(path: Path, column: ParsedColumn, problems: Problems): void {
  for (const key of ["decimal", "thousands"] as const) {
    const separator = column[key];
    if (separator !== undefined && !/^[^\p{L}\p{N}+-]$/u.test(String(separator))) {
      problems.wrong([...path, key], separator, "one character, such as a comma or a point");
    }
  }
  const decimal = String(column.decimal ?? ".");
  if (column.thousands !== undefined && String(column.thousands) === decimal) {
    problems.add([...path, "thousands"], {
      found: describe(decimal),
      expected: "a character other than `decimal`",
      sentence: column.decimal === undefined
        ? "is also the decimal separator; set `decimal` to another character"
        : "is the same as `decimal`",
    });
  }
  const accepted = [column.accept ?? []].flat();
  if (accepted.includes("percent") && accepted.includes("percent_points")) {
    problems.add([...path, "accept"], {
      found: "percent and percent_points",
      expected: "one of them",
      sentence: "says both that 12% is 0.12 (`percent`) and that it is 12 (`percent_points`)",
    });
  }
  // The meaning of a word in both lists would depend on which list is looked up first.
  const words = new Set([column.true ?? []].flat().map((word) => String(word).toLowerCase()));
  for (const word of [column.false ?? []].flat()) {
    if (!words.has(String(word).toLowerCase())) continue;
    problems.add([...path, "false"], {
      found: describe(String(word)),
      expected: "words that are not in `true`",
      sentence: `${describe(String(word))} is already in \`true\``,
    });
  }
}

function checkEmpty(path: Path, column: ParsedColumn, problems: Problems): void {
  if (column.empty !== "default") return;
  const reasons = {
    default: "is the table's DEFAULT, and `default` is another one: leave out one of them",
    required: "fills in what is missing, and `required` refuses it: leave out one of them",
    on_update: "fills in what is missing, so `on_update: keep` has nothing to keep: leave out one",
  };
  for (const key of ["default", "required", "on_update"] as const) {
    const value = column[key];
    if (value === undefined || value === false || value === null || value === "write") continue;
    // Only rows for which the condition holds have to have a value.
    if (key === "required" && column.when !== undefined) continue;
    problems.add([...path, "empty"], {
      found: `\`empty: default\` together with \`${key}\``,
      expected: "one of them",
      sentence: reasons[key],
    });
  }
}

function checkFormats(path: Path, column: ParsedColumn, problems: Problems): void {
  const formats = [column.format ?? []].flat().map(String);
  const converts = column.transform?.includes("date") === true;
  reportFormats(path, formats, kindsOf(canonicalType(column.type), converts), problems);
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

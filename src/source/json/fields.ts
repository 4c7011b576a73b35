/** Which values of its records are the fields of a source, and what they are called. */
import { displayName } from "../display_text.ts";
import type { WantedNames } from "../record_format.ts";
import type { JsonPath } from "./json_format.ts";
import { hasNoText } from "./decode.ts";
import { parsePath, writePath } from "./path_notation.ts";

export interface ChosenFields {
  readonly names: readonly string[];
  /** Of fields whose name is not their key. */
  readonly paths: Readonly<Record<string, JsonPath>>;
  readonly notes: readonly string[];
}

/** What is in the first records. */
export interface Seen {
  /** In the order in which they appear. */
  readonly keys: ReadonlySet<string>;
  readonly hasPath: (path: JsonPath) => boolean;
  /** They are all that there are. */
  readonly areAll: boolean;
}

/** A file whose records have more keys than a table can have columns has no names, but values. */
export const MOST_KEYS = 1600;

/** The keys of the first records, and what the definition reads besides. */
export function chooseFields(
  { keys, hasPath, areAll }: Seen,
  wanted: WantedNames,
): ChosenFields {
  const names: string[] = [];
  const paths: Record<string, JsonPath> = Object.create(null);
  const taken = new Set<string>();
  const add = (name: string, path: JsonPath) => {
    const place = writePath(path);
    if (taken.has(place) || names.includes(name)) return;
    taken.add(place);
    names.push(name);
    if (path.length > 1 || path[0] !== name) paths[name] = path;
  };
  for (const key of keys) {
    // Postgres can't store such a name, and no definition can say it.
    if (hasNoText(key) === null) add(quotedName(key, wanted) ?? freeName(key, keys), [key]);
  }
  const notes: string[] = keys.size < MOST_KEYS ? [] : [
    `The first rows have more than ${MOST_KEYS} different keys: only these are columns, and what ` +
    "the definition names.",
  ];
  const folded = new Set(names.map(fold));
  const isKey = (name: string) => folded.has(fold(name));
  for (const { names: group, isColumn } of wanted) {
    if (group.some(isKey)) continue;
    const known = group.find((name) => {
      const path = parsePath(name);
      return path !== null && hasPath(path);
    });
    const chosen = known ??
      (areAll || !isColumn ? undefined : group.find((name) => parsePath(name) !== null));
    if (chosen === undefined) continue;
    add(chosen, parsePath(chosen)!);
    if (known !== undefined || keys.size === 0) continue;
    notes.push(
      `No row at the file's beginning has ${
        JSON.stringify(displayName(chosen))
      }: rows without it ` +
        "have no value there.",
    );
  }
  return { names: withoutWholes(names, paths, wanted), paths, notes };
}

/** Without values of which only parts are wanted: what is in two columns can't be edited in one. */
function withoutWholes(
  names: readonly string[],
  paths: Readonly<Record<string, JsonPath>>,
  wanted: WantedNames,
): readonly string[] {
  const said = new Set(wanted.flatMap((one) => one.names).map(fold));
  const divided = new Set(Object.values(paths).flatMap((path) => path.length > 1 ? [path[0]] : []));
  return names.filter((name) => paths[name] || said.has(fold(name)) || !divided.has(name));
}

/** The definition may write a key in quotes. */
function quotedName(key: string, wanted: WantedNames): string | null {
  const isIt = (name: string) =>
    name !== key && name.startsWith("[") && isOnly(parsePath(name), key);
  return wanted.flatMap((one) => one.names).find(isIt) ?? null;
}

function isOnly(path: JsonPath | null, key: string): boolean {
  return path !== null && path.length === 1 && path[0] === key;
}

/** Blank names and outer blanks can't be told apart by people. */
function freeName(key: string, keys: ReadonlySet<string>): string {
  const trimmed = key.trim();
  if (trimmed === key && key !== "") return key;
  if (trimmed !== "" && !keys.has(trimmed)) return trimmed;
  return `[${JSON.stringify(key)}]`;
}

function fold(name: string): string {
  return name.trim().toLowerCase();
}

/** Puts what one run is told in the place of what its definition says. */
import { readDocument, type SourceDocument } from "../document/document.ts";
import { isMapping } from "../issues.ts";
import { nearest } from "../nearest.ts";
import { formatPath, type Path, type Place, Problems } from "../problem.ts";
import { A_SETTING, readPath, SETTABLE, type SetValues, whyNotSettable } from "./setting.ts";

type Raw = Pick<SourceDocument, "value" | "positions" | "written" | "problems">;

/** `named`: how whoever set them calls that, for messages: `--set`. */
export function withSetValues(raw: Raw, set: SetValues, named: string): Raw {
  // If it can't be read, that is what is wrong.
  if (!isMapping(raw.value)) return raw;
  const here: Place = { file: named, line: null };
  const positions = new Map(raw.positions);
  const written = new Map(raw.written);
  const problems = new Problems({ file: raw.problems.file, positions });
  for (const problem of raw.problems.list) problems.adopt(problem);
  let value: unknown = raw.value;
  for (const [key, text] of Object.entries(set)) {
    const path = readPath(key);
    if (path === null) {
      positions.set(formatPath([key]), here);
      problems.add([key], { found: key, expected: A_SETTING });
      continue;
    }
    const name = formatPath(path);
    for (const known of [positions, written]) {
      for (const one of known.keys()) if (isInside(one, name)) known.delete(one);
    }
    positions.set(name, here);
    const refusal = whyNotSettable(path);
    if (refusal !== null) {
      const suggestion = nearest(path[0], SETTABLE);
      problems.add(path, { found: name, expected: A_SETTING, sentence: refusal, suggestion });
      continue;
    }
    const given = readDocument(text, named);
    if (given.problems.count > 0) {
      problems.add(path, {
        found: text,
        expected: "a value in YAML",
        sentence: given.problems.list[0].message.replace(/^.*?not valid YAML/su, "not valid YAML") +
          ". Put a text with special characters in quotes",
      });
      continue;
    }
    for (const [inner, how] of given.written) written.set(joined(name, inner), how);
    for (const inner of given.positions.keys()) positions.set(joined(name, inner), here);
    const changed = put(value, path, given.value, []);
    if (typeof changed === "string") {
      problems.add(path, { found: name, expected: A_SETTING, sentence: changed });
    } else value = changed.value;
  }
  return { value, positions, written, problems };
}

function isInside(one: string, name: string): boolean {
  return one === name || (one.startsWith(name) && ".[".includes(one[name.length]));
}

function joined(name: string, inner: string): string {
  return inner === "" ? name : inner.startsWith("[") ? name + inner : `${name}.${inner}`;
}

/** What stays of a column that gets a constant, or a source instead of its constant. */
const BESIDE_VALUE = ["type", "when", "lookup"];

function besides(column: Record<string, unknown>, key: string): Record<string, unknown> {
  const isOther = key === "value" ? column.value === undefined : key === "from";
  if (!isOther || (key === "from" && column.value === undefined)) return column;
  return Object.fromEntries(Object.entries(column).filter(([name]) => BESIDE_VALUE.includes(name)));
}

/** A copy with the value at this place; null takes the key away. A sentence if there is no such place. */
function put(
  into: unknown,
  path: Path,
  value: unknown,
  above: Path,
): { readonly value: unknown } | string {
  const [key, ...rest] = path;
  // `email: E-Mail` is short for `email: {from: E-Mail}`.
  const isColumn = above.length === 2 && above[0] === "columns";
  const mapping = into === undefined
    ? {}
    : isColumn && typeof into === "string"
    ? { from: into }
    : into;
  if (!isMapping(mapping)) {
    return `${formatPath(above)} has no keys in the definition: set it as a whole`;
  }
  if (rest.length === 0) {
    const kept = isColumn && value !== null ? besides(mapping, String(key)) : mapping;
    const { [key]: _, ...others } = kept;
    return { value: value === null ? others : { ...others, [key]: value } };
  }
  const inner = put(mapping[key], rest, value, [...above, key]);
  return typeof inner === "string" ? inner : { value: { ...mapping, [key]: inner.value } };
}

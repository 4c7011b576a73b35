/** Reads objects that are in a record, such as the elements of an array. */
import type { RecordReader } from "../record.ts";
import { JSON_KIND } from "./json.ts";
import { parsePath } from "./path_notation.ts";

/** `names`: keys of the objects, or paths, in the order of the fields. */
export function objectReader(
  names: readonly string[],
  encoding: string | undefined,
): (bytes: Uint8Array) => RecordReader {
  const paths = Object.fromEntries(names.flatMap((name) => {
    const path = parsePath(name.trim());
    return path === null || path.length === 1 && path[0] === name ? [] : [[name, path]];
  }));
  const format = JSON_KIND.records(
    { type: "json", layout: "elements", paths, ...encoding !== undefined && { encoding } },
    names,
  );
  return (bytes) => format.reader(bytes, { offset: 0, line: 1, row: 1 });
}

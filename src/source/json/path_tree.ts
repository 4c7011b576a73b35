/** Where the fields of a record are, as a tree that is walked along with the record. */
import type { JsonFormat, JsonPath } from "./json_format.ts";

export interface PathNode {
  /** The field that the value is; -1 if it only contains some. */
  field: number;
  keys: Map<string, PathNode> | null;
  items: Map<number, PathNode> | null;
  /** The number of the record in which it was seen last (`PathTree.records`). */
  seen: number;
}

export interface PathTree {
  readonly root: PathNode;
  /** The length of the longest path. */
  readonly depth: number;
  /** How many records were read with it, by whatever reader. */
  records: number;
}

export function pathTree(
  header: readonly string[],
  format: Pick<JsonFormat, "paths">,
): PathTree {
  const root = newNode();
  let depth = 1;
  for (const [field, name] of header.entries()) {
    const path = pathOf(name, format);
    depth = Math.max(depth, path.length);
    let node = root;
    for (const part of path) node = childOf(node, part);
    node.field = field;
  }
  return { root, depth, records: 0 };
}

/** Where a field is. */
export function pathOf(name: string, { paths = {} }: Pick<JsonFormat, "paths">): JsonPath {
  return Object.hasOwn(paths, name) ? paths[name] : [name];
}

function newNode(): PathNode {
  return { field: -1, keys: null, items: null, seen: 0 };
}

function childOf(node: PathNode, part: string | number): PathNode {
  const existing = typeof part === "string" ? node.keys?.get(part) : node.items?.get(part);
  if (existing !== undefined) return existing;
  const child = newNode();
  if (typeof part === "string") (node.keys ??= new Map()).set(part, child);
  else (node.items ??= new Map()).set(part, child);
  return child;
}

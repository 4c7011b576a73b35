/** Tells a kernel where the fields of JSON records are. */
import type { JsonRecordFormat } from "../source/record_format.ts";
import { LEAD, OTHER_KEY, PATH_NODE } from "./contract.ts";
import type { Kernel } from "./instance.ts";
import { type FieldValues, storeStructures } from "./structures.ts";

/** How many keys the kernel notes that lead to no field, and their longest. */
const MOST_OTHERS = 100, LONGEST_OTHER = 64;

/** How many bytes between two values the kernel notes. */
const LONGEST_LEAD = 64;

/** The kernel goes as deep by calling itself. Deeper values are left to the format's reader. */
const DEEPEST = 32;

interface Node {
  field: number;
  readonly members: Map<string, Node>;
  readonly items: Map<number, Node>;
}

const encoder = new TextEncoder();

/** To be called after `setSource`. */
export function setJson(kernel: Kernel, { isLines, paths }: JsonRecordFormat): void {
  if (paths.some((path) => path.length > DEEPEST)) return;
  const root = newNode();
  for (const [field, path] of paths.entries()) {
    let node = root;
    for (const part of path) node = childOf(node, part);
    node.field = field;
  }
  const others = kernel.allocate(MOST_OTHERS * (OTHER_KEY.bytes + LONGEST_OTHER));
  const place = storeStructures(kernel, PATH_NODE, [described(kernel, root, "", 0)]);
  kernel.exports.setJson(place, isLines, others);
}

function newNode(): Node {
  return { field: -1, members: new Map(), items: new Map() };
}

function childOf(node: Node, part: string | number): Node {
  const known = typeof part === "string" ? node.members.get(part) : node.items.get(part);
  if (known !== undefined) return known;
  const child = newNode();
  if (typeof part === "string") node.members.set(part, child);
  else node.items.set(part, child);
  return child;
}

function described(
  kernel: Kernel,
  { field, members, items }: Node,
  key: string,
  position: number,
): FieldValues<typeof PATH_NODE> {
  // A record that has another key is left to the format's reader: it has escapes.
  const plain = [...members].filter(([name]) => isPlain(name));
  const byPosition = [...items].toSorted(([one], [other]) => one - other);
  const bytes = encoder.encode(key);
  return {
    field,
    seen: 0,
    key: kernel.store(bytes),
    keyLength: bytes.length,
    position,
    members: storeStructures(
      kernel,
      PATH_NODE,
      plain.map(([name, member]) => described(kernel, member, name, 0)),
    ),
    memberCount: plain.length,
    items: storeStructures(
      kernel,
      PATH_NODE,
      byPosition.map(([index, item]) => described(kernel, item, "", index)),
    ),
    itemCount: byPosition.length,
    first: storeLead(kernel),
    next: storeLead(kernel),
  };
}

/** Nothing is known of it yet. */
function storeLead(kernel: Kernel): number {
  const place = kernel.allocate(LONGEST_LEAD);
  return storeStructures(kernel, LEAD, [{ member: 0, place, length: 0, lines: 0 }]);
}

/** Is the key written without escapes? */
function isPlain(key: string): boolean {
  return key.isWellFormed() && JSON.stringify(key).length === key.length + 2;
}

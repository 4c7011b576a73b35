/** Changes the text of a YAML or JSON document in one place, and nowhere else. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { inlineYaml, type Json } from "./definition_edit.ts";

/** The text can't be edited by a program. The message completes "… can't be edited: ". */
export class NotEditable extends Error {
  override readonly name = "NotEditable";
}

/** A value that is set, items that are added at the end of a list, or a key that goes. */
export interface Step {
  readonly path: readonly string[];
  readonly set?: Json;
  readonly append?: readonly Json[];
  readonly remove?: true;
}

/** The text with the step done. Throws NotEditable. */
export function splice(text: string, step: Step, isJson: boolean): string {
  const bom = text.startsWith("\uFEFF") ? 1 : 0;
  const source = text.slice(bom);
  const write = isJson ? jsonText : inlineYaml;
  const document = parseDocument(source, { uniqueKeys: false, version: "1.2" });
  let parent: Node | null = document.contents;
  for (const key of step.path.slice(0, -1)) parent = valueIn(mapOf(parent), key);
  const map = mapOf(parent);
  const key = step.path[step.path.length - 1];
  const pair = pairIn(map, key);
  const [from, to, written] = step.remove
    ? removed(source, map, pair)
    : pair === undefined
    ? newPair(
      source,
      map,
      `${isJson ? JSON.stringify(key) : keyText(key)}: ${
        write(step.append === undefined ? step.set ?? null : step.append)
      }`,
    )
    : step.append === undefined
    ? replaced(source, pair, write(step.set ?? null), isJson)
    : appended(source, pair, step.append.map(write));
  return text.slice(0, bom) + source.slice(0, from) + written + source.slice(to);
}

type Splice = readonly [from: number, to: number, written: string];

function newPair(source: string, map: YAMLMap, written: string): Splice {
  const last = map.items.at(-1);
  const range = rangeOf(map);
  if (last === undefined) {
    if (!map.flow) throw new NotEditable("it has an empty mapping");
    return [range[0] + 1, range[0] + 1, ` ${written} `];
  }
  const keyAt = rangeOf(last.key as Node)[0];
  const end = endOf(source, last);
  return added(source, keyAt, end, written, map.flow === true, "");
}

/** With its line, and the comment that stands on it. */
function removed(source: string, map: YAMLMap, pair: Pair | undefined): Splice {
  if (pair === undefined) return [0, 0, ""];
  if (map.items.length === 1) throw new NotEditable("it would be left without any column");
  const index = map.items.indexOf(pair);
  const start = rangeOf(pair.key as Node)[0];
  const end = endOf(source, pair);
  if (map.flow) {
    const next = map.items[index + 1];
    return next === undefined
      ? [endOf(source, map.items[index - 1]), end, ""]
      : [start, rangeOf(next.key as Node)[0], ""];
  }
  const lineStart = source.lastIndexOf("\n", start - 1) + 1;
  if (!/^[ \t]*$/u.test(source.slice(lineStart, start))) {
    throw new NotEditable("a mapping begins in the middle of a line");
  }
  const lineEnd = source.indexOf("\n", end);
  return [lineStart, lineEnd === -1 ? source.length : lineEnd + 1, ""];
}

function replaced(source: string, pair: Pair, written: string, isJson: boolean): Splice {
  const node = pair.value as Node | null;
  if (node === null || isAlias(node)) throw new NotEditable("it uses an alias");
  const [from, to] = rangeOf(node);
  const old = source.slice(from, to);
  // A column's name alone: keep it as it is written.
  const match = isScalar(node)
    ? /^\{ ?"?from"?: (?:"(?:[^"\\]|\\.)*"|'[^']*'|[^,[{]*)(, .*)$/su.exec(written)
    : null;
  if (match === null || old.includes("\n")) return [from, to, written];
  const isPlain = isScalar(node) && node.type === "PLAIN";
  const name = isPlain && /[,[\]{}]/u.test(old) ? JSON.stringify(old) : old;
  return [from, to, `{ ${isJson ? '"from"' : "from"}: ${name}${match[1]}`];
}

function appended(source: string, pair: Pair, written: readonly string[]): Splice {
  const node = pair.value as Node | null;
  if (node === null || isAlias(node)) throw new NotEditable("it uses an alias");
  const [from, to] = rangeOf(node);
  if (!isSeq(node)) {
    const old = source.slice(from, to);
    const plainInList = isScalar(node) && node.type === "PLAIN" && /[,[\]{}]/u.test(old);
    const one = plainInList ? JSON.stringify(old) : old;
    if (old.includes("\n")) throw new NotEditable("a value has several lines");
    return [from, to, `[${[one, ...written].join(", ")}]`];
  }
  const last = (node as YAMLSeq).items.at(-1) as Node | undefined;
  if (last === undefined) return [from + 1, from + 1, written.join(", ")];
  const [itemAt, itemEnd] = rangeOf(last);
  const dash = node.flow ? itemAt : source.lastIndexOf("-", itemAt - 1);
  const between = node.flow ? "" : source.slice(dash, itemAt);
  return written.reduce<Splice>(
    ([from, to, all], one) => {
      const [, , next] = added(source, dash, itemEnd, one, node.flow === true, between);
      return [from, to, all + next];
    },
    [
      ...added(source, dash, itemEnd, "", node.flow === true, "").slice(0, 2),
      "",
    ] as const as Splice,
  );
}

/** After what begins at `start` and ends at `end`, in the same way as that. */
function added(
  source: string,
  start: number,
  end: number,
  written: string,
  isFlow: boolean,
  prefix: string,
): Splice {
  const lineStart = source.lastIndexOf("\n", start - 1) + 1;
  const indent = source.slice(lineStart, start);
  const ownLine = /^[ \t]*$/u.test(indent);
  const eol = source.includes("\r\n") ? "\r\n" : "\n";
  if (isFlow) {
    return [end, end, ownLine ? `,${eol}${indent}${written}` : `, ${written}`];
  }
  if (!ownLine && !/^[ \t]*(?:- *)+$/u.test(indent)) {
    throw new NotEditable("a mapping begins in the middle of a line");
  }
  const spaces = indent.replaceAll("-", " ");
  // Behind a comment on the same line, and before blank lines and comments of what follows.
  const trimmed = source.slice(0, end).trimEnd().length;
  const lineEnd = source.indexOf("\n", trimmed);
  const stop = lineEnd === -1 ? source.length : lineEnd - (source[lineEnd - 1] === "\r" ? 1 : 0);
  return [stop, stop, `${eol}${spaces}${prefix}${written}`];
}

function endOf(source: string, pair: Pair): number {
  const value = pair.value as Node | null;
  const [, end] = rangeOf(value ?? (pair.key as Node));
  return source.slice(0, end).trimEnd().length;
}

function rangeOf(node: Node): readonly [number, number] {
  if (!node.range) throw new NotEditable("a part of it has no place in the text");
  return [node.range[0], node.range[1]];
}

function mapOf(node: Node | null): YAMLMap {
  if (isMap(node)) return node;
  throw new NotEditable(isAlias(node) ? "it uses an alias" : "a part of it is no mapping");
}

function pairIn(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) =>
    isScalar(pair.key) && (pair.key.source ?? String(pair.key.value)) === key
  );
}

function valueIn(map: YAMLMap, key: string): Node | null {
  return (pairIn(map, key)?.value ?? null) as Node | null;
}

function jsonText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value);
  return `{ ${
    entries.map(([key, each]) => `${JSON.stringify(key)}: ${jsonText(each)}`).join(", ")
  } }`;
}

/** `true` and `false` are keys of columns; as keys, they need no quotes. */
export function keyText(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/u.test(key) ? key : inlineYaml(key);
}

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
} from "yaml";
import { findJsonError } from "./json_syntax.ts";
import { formatPath, type Path, type Positions, Problems } from "../problem.ts";

/** A definition's text as plain data, with what the data alone doesn't show. */
export interface SourceDocument {
  readonly file: string;
  readonly value: unknown;
  readonly positions: Positions;
  /**
   * How numbers, booleans and nulls were written, by formatted path. Where the format expects text,
   * `007` means "007" and `1.0` means "1.0".
   */
  readonly written: ReadonlyMap<string, string>;
  readonly problems: Problems;
}

/** Protects against documents that repeat themselves endlessly through aliases. */
const MAX_NODES = 100_000;

/**
 * Reads YAML or JSON. Reports problems of the syntax, and keys that occur twice. If there are any,
 * the value holds what could be read.
 */
export function readDocument(text: string, file: string): SourceDocument {
  const positions = new Map<string, number>();
  const written = new Map<string, string>();
  const problems = new Problems({ file, positions });
  const read = (value: unknown): SourceDocument => ({ file, value, positions, written, problems });

  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    version: "1.2",
  });
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line);
  const refuse = (offset: number, found: string, expected: string, sentence: string) => {
    positions.set("", lineAt(offset));
    problems.add([], { found, expected, sentence });
  };

  if (file.toLowerCase().endsWith(".json")) {
    const error = source.trim() === "" ? null : findJsonError(source);
    if (error !== null) {
      const { offset, found, expected } = error;
      refuse(offset, found, expected, `not valid JSON: found ${found}, expected ${expected}`);
      return read(undefined);
    }
  }
  for (const error of [...document.errors, ...document.warnings]) {
    const reason = error.code === "MULTIPLE_DOCS"
      ? "a line `---` begins a second document, but a definition is a single document"
      : firstLine(error.message);
    refuse(error.pos[0], reason, "YAML", `not valid YAML: ${reason}`);
  }
  if (problems.count > 0) return read(undefined);

  if (document.contents === null) positions.set("", 1);
  const walk = new Walk(document, lineAt, positions, written, problems);
  return read(walk.plain(document.contents, []));
}

class Walk {
  readonly #document: Document.Parsed;
  readonly #lineAt: (offset: number) => number;
  readonly #positions: Map<string, number>;
  readonly #written: Map<string, string>;
  readonly #problems: Problems;
  /** The targets of the aliases that are being followed. */
  readonly #open = new Set<unknown>();
  #nodes = 0;

  constructor(
    document: Document.Parsed,
    lineAt: (offset: number) => number,
    positions: Map<string, number>,
    written: Map<string, string>,
    problems: Problems,
  ) {
    this.#document = document;
    this.#lineAt = lineAt;
    this.#positions = positions;
    this.#written = written;
    this.#problems = problems;
  }

  plain(node: unknown, path: Path): unknown {
    if (this.#nodes++ === MAX_NODES) this.#refuse(path, "is repeated too often by aliases");
    if (this.#nodes > MAX_NODES) return undefined;
    this.#locate(node, path);
    if (isAlias(node)) return this.#alias(node, path);
    if (isScalar(node)) {
      if (typeof node.value !== "string") {
        this.#written.set(formatPath(path), node.source ?? String(node.value));
      }
      return node.value;
    }
    if (isSeq(node)) return node.items.map((item, index) => this.plain(item, [...path, index]));
    if (!isMap(node)) return null;

    const mapping: Record<string, unknown> = {};
    for (const { key: keyNode, value } of node.items) {
      // Take keys as written, because here `true`, `1` and `null` are names like any other.
      const key = isScalar(keyNode) && typeof keyNode.value === "string"
        ? keyNode.value
        : isScalar(keyNode)
        ? keyNode.source ?? String(keyNode.value)
        : null;
      if (key === null || key === "__proto__") {
        const found = key ?? "a list or a mapping";
        this.#problems.add([...path, found], {
          found,
          expected: "a name",
          sentence: "can't be a key",
        });
        continue;
      }
      const keyPath = [...path, key];
      if (Object.hasOwn(mapping, key)) {
        const first = this.#positions.get(formatPath(keyPath)) ?? 1;
        this.#locate(keyNode, keyPath);
        this.#problems.add(keyPath, {
          found: `${JSON.stringify(key)} twice`,
          expected: "each key once",
          sentence: `duplicate key; it is already on line ${first}`,
        });
      }
      const inner = this.plain(value, keyPath);
      if (inner !== undefined) mapping[key] = inner;
      this.#locate(keyNode, keyPath);
    }
    return mapping;
  }

  #alias(alias: Alias, path: Path): unknown {
    const target = alias.resolve(this.#document);
    if (target === undefined) {
      this.#refuse(path, `*${alias.source} refers to nothing: there is no &${alias.source}`);
      return undefined;
    }
    if (this.#open.has(target)) {
      this.#refuse(path, `*${alias.source} refers to something that contains it`);
      return undefined;
    }
    this.#open.add(target);
    const value = this.plain(target, path);
    this.#open.delete(target);
    return value;
  }

  #refuse(path: Path, sentence: string): void {
    this.#problems.add(path, { found: "an alias", expected: "an alias of a value", sentence });
  }

  #locate(node: unknown, path: Path): void {
    const start = isMap(node) || isSeq(node) || isScalar(node) || isAlias(node)
      ? node.range?.[0]
      : undefined;
    if (start !== undefined) this.#positions.set(formatPath(path), this.#lineAt(start));
  }
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0];
}

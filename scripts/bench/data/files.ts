/**
 * The files to load. The same kind and number of rows give the same bytes on every machine. Files
 * are kept in the system's temporary folder, because writing a million rows takes seconds.
 */
import { createReadStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Frame, Kind } from "./kind.ts";
import { type KindName, KINDS } from "./kinds.ts";

/** The version of the generator that wrote a cached file. Raise it when the data changes. */
const GENERATION = 3;

export interface DataFile extends Omit<Kind, "lines" | "frame"> {
  readonly kind: KindName;
  readonly path: string;
  /** Of the file, or of the file that it was taken from: `only_old` has only one row in ten. */
  readonly rows: number;
  readonly bytes: number;
}

/** Writes files on demand, unless they exist already. */
export class DataFiles {
  readonly #folder: string;
  readonly #log: (line: string) => void;
  readonly #signal: AbortSignal;

  private constructor(folder: string, signal: AbortSignal, log: (line: string) => void) {
    this.#folder = folder;
    this.#signal = signal;
    this.#log = log;
  }

  static async open(signal: AbortSignal, log: (line: string) => void): Promise<DataFiles> {
    const folder = join(tmpdir(), `ingest-bench-${Deno.uid() ?? "data"}`);
    await Deno.mkdir(folder, { recursive: true });
    return new DataFiles(folder, signal, log);
  }

  async get(kind: KindName, rows: number): Promise<DataFile> {
    const name = `${kind.replaceAll("_", "-")}-${rows}-v${GENERATION}`;
    const path = join(this.#folder, `${name}.${frameOf(kind).extension}`);
    await this.#make(path, (unfinished) => writeFile(unfinished, kind, rows, this.#signal));
    const { size } = await Deno.stat(path);
    const { columns, delimiter, table } = KINDS[kind];
    return { kind, path, columns, delimiter, table, rows, bytes: size };
  }

  /** The path of the file as gzip packs it. */
  async packed({ path }: DataFile): Promise<string> {
    const packed = `${path}.gz`;
    await this.#make(packed, async (unfinished) => {
      const plain = await Deno.open(path);
      const file = await Deno.open(unfinished, { write: true, truncate: true });
      await plain.readable.pipeThrough(new CompressionStream("gzip")).pipeTo(file.writable);
    });
    return packed;
  }

  /** A folder of many files, which have the file's rows: a thousand in each. */
  async divided({ path, kind, rows }: DataFile): Promise<string> {
    const folder = `${path}.d`;
    if (await exists(join(folder, "complete"))) return join(folder, "in");
    this.#log(`  writing ${folder}`);
    await Deno.mkdir(join(folder, "in"), { recursive: true });
    const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
    let header = "";
    let part: string[] = [];
    let number = 0;
    const write = async () => {
      if (part.length === 0) return;
      this.#signal.throwIfAborted();
      const name = `${kind}-${String(++number).padStart(5, "0")}.csv`;
      await Deno.writeTextFile(join(folder, "in", name), `${header}\n${part.join("\n")}\n`);
      part = [];
    };
    for await (const line of lines) {
      if (header === "") header = line;
      else if (part.push(line) === ROWS_OF_PART) await write();
    }
    await write();
    await Deno.writeTextFile(join(folder, "complete"), String(rows));
    return join(folder, "in");
  }

  async #make(path: string, write: (unfinished: string) => Promise<void>): Promise<void> {
    if (await exists(path)) return;
    this.#log(`  writing ${path}`);
    const unfinished = await Deno.makeTempFile({ dir: this.#folder, suffix: ".unfinished" });
    try {
      await write(unfinished);
      await Deno.rename(unfinished, path);
    } catch (error) {
      await Deno.remove(unfinished);
      throw error;
    }
  }
}

const ROWS_OF_PART = 1_000;

function frameOf(kind: KindName): Frame {
  const { columns, delimiter, frame }: Kind = KINDS[kind];
  const header = `${columns.join(delimiter)}\n`;
  return frame ?? { extension: "csv", first: header, between: "\n", last: "\n" };
}

const BYTES_A_WRITE = 1_000_000;

export async function writeFile(
  path: string,
  kind: KindName,
  rows: number,
  signal: AbortSignal,
): Promise<void> {
  using file = await Deno.open(path, { write: true, truncate: true });
  const encoder = new TextEncoder();
  const { first, between, last } = frameOf(kind);
  const line = KINDS[kind].lines();
  let text = first;
  let isFirst = true;
  for (let id = 1; id <= rows; id++) {
    const next = line(id);
    if (next !== null) {
      text += isFirst ? next : between + next;
      isFirst = false;
    }
    if (id === rows && !isFirst) text += last;
    if (text.length < BYTES_A_WRITE && id < rows) continue;
    signal.throwIfAborted();
    await writeAll(file, encoder.encode(text));
    text = "";
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

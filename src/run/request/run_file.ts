/** The file of a run that is about to be created: its copies, and what is known of its bytes. */
import { basename, extname } from "node:path";
import type { Definition } from "../../importer/definition.ts";
import { rowLimit } from "../../importer/overridden.ts";
import { wantedNames } from "../../importer/wanted_names.ts";
import type { NewRun } from "../../ledger/runs/create_run.ts";
import type { RunSource } from "../../ledger/runs/runs.ts";
import type { Table } from "../../load/catalog/table.ts";
import { SourceError } from "../../source/error.ts";
import { firstRecords } from "../../source/first_records.ts";
import { isConverted, type ResolvedSource } from "../../source/resolved_source.ts";
import { resolveSource } from "../../source/resolve.ts";
import { changed } from "../../source/file/range.ts";
import { identifyFile } from "../../source/file/identify_file.ts";
import type { Identity } from "../../source/file/identity.ts";
import { listFiles } from "../../source/file/list_files.ts";
import { removeStoredCopies } from "../../source/file/storage.ts";
import { spool } from "../../source/file/spool.ts";
import { isInBucket } from "../../source/file/stored_at.ts";
import { type Combined, combineFiles } from "./combine/combine_files.ts";
import { nameOfAll } from "./combine/names.ts";
import type { StoredFile } from "./stored_file.ts";

export interface FileRequest {
  readonly definition: Definition;
  /**
   * A path as the user gave it; names, patterns and folders that may mean several; standard input, which is copied into storage; or a file already in
   * storage, or several, which then belong to the run, or are removed if there is no run.
   */
  readonly file:
    | string
    | readonly string[]
    | ReadableStream<Uint8Array>
    | StoredFile
    | { readonly files: readonly StoredFile[] };
  readonly spoolFolder: string;
  /** A folder in a bucket, where the run's copy goes in the end; null: it stays in `spoolFolder`. */
  storage?(): Promise<string | null>;
  /** Bytes that a packed file may become, unless the definition says it. */
  readonly maxUnpacked?: number;
  /** Leaves the run to another process: the file is copied into storage. */
  readonly detach: boolean;
}

/** A source without rows may not say what its columns are called: then they are the table's. */
export function withNames(
  source: ResolvedSource,
  columns: Table["columns"],
): ResolvedSource {
  if (source.header.length > 0) return source;
  const writable = columns.filter(({ readonly }) => !readonly);
  return { ...source, header: writable.map(({ name }) => name) };
}

/** Does it name files of this machine, which may be several? */
export function isList(file: FileRequest["file"]): file is readonly string[] {
  return Array.isArray(file);
}

export class RunFile {
  /** As the user knows it. */
  #name: string;
  /** The files that were combined, and where columns of theirs are missing; null if there is one. */
  #combined: Combined | null = null;
  readonly #request: FileRequest;
  /** What is read to make the source. */
  #path = "";
  /** In storage, each made from the one before. */
  #copies: string[] = [];
  #source: ResolvedSource | null = null;
  #original: RunSource["original"];
  /** Of the original bytes, once all of them were read. */
  #identity: Identity | null = null;

  constructor(request: FileRequest) {
    const { file } = request;
    this.#request = request;
    this.#name = typeof file === "string"
      ? file
      : isList(file)
      ? file.join(", ")
      : "path" in file
      ? file.name
      : "files" in file
      ? file.files.map(({ name }) => name).join(", ")
      : "stdin";
  }

  get name(): string {
    return this.#name;
  }

  /** What each file is called. */
  get fileNames(): readonly string[] {
    const names = this.#combined?.files.map(({ name }) => name) ?? [this.name];
    return names.map((name) => basename(name));
  }

  /** Names of files by a column that they lack, of those that are combined. */
  get missing(): ReadonlyMap<string, readonly string[]> {
    return this.#combined?.missing ?? new Map();
  }

  /** Throws SourceError. */
  async open(): Promise<void> {
    const { file } = this.#request;
    if (isList(file)) {
      const paths = await listFiles(file);
      if (paths.length > 1) return await this.#combine(paths);
      this.#name = this.#path = paths[0];
    } else if (typeof file === "string") this.#path = file;
    else if ("path" in file) {
      this.#path = file.path;
      this.#copies.push(file.path);
      this.#identity = file;
    } else if ("files" in file) {
      this.#copies.push(...file.files.map(({ path }) => path));
      const names = file.files.map(({ name }) => name);
      await this.#combine(this.#copies.slice(), names);
      await this.removeOthers();
      return;
    } else await this.#keep(file, "");
    await this.#resolve();
  }

  get source(): ResolvedSource {
    if (this.#source === null) throw new Error("The file is not open yet");
    return this.#source;
  }

  /** See withNames. */
  nameColumns({ columns }: Table): void {
    this.#source = withNames(this.source, columns);
  }

  /** Copies it into storage, unless it is there. Throws SourceError, also if it has changed. */
  async store(): Promise<void> {
    if (this.#copies.length > 0) return;
    const { size } = this.source;
    await this.#keep(this.#path, extname(this.#path));
    if ((await Deno.stat(this.#path)).size !== size) throw changed(this.name);
    await this.#resolve();
  }

  /** Reads all of it, if that was not done. */
  async identify(): Promise<void> {
    this.#identity ??= await identifyFile(this.#path);
  }

  /** Only the last copy is read: removes those that it was made from. */
  async removeOthers(): Promise<void> {
    for (const path of this.#copies.splice(0, this.#copies.length - 1)) await Deno.remove(path);
  }

  /** Moves the last copy into the bucket, if there is one. Throws StorageError. */
  async moveToBucket(): Promise<void> {
    if (this.#copies.length === 0) return;
    const storage = await this.#request.storage?.() ?? null;
    if (storage === null) return;
    const { storeInBucket } = await import("../../source/s3/stored_copies.ts");
    const path = await storeInBucket(this.source.path, storage);
    this.#copies = [path];
    this.#source = { ...this.source, path, mtime: null };
  }

  /** There is no run after all. */
  async discard(): Promise<void> {
    for (const path of this.#copies) {
      if (!isInBucket(path)) await Deno.remove(path);
      // What can't be removed now is an orphan, which `prune` removes.
      else await removeStoredCopies([path]);
    }
  }

  describe(): Pick<
    NewRun,
    "source" | "originalFilename" | "spooledPath" | "checksum" | "fingerprint" | "files"
  > {
    const isStored = this.#copies.length > 0;
    const files = this.#combined?.files;
    return {
      source: {
        ...this.source,
        host: isStored ? null : Deno.hostname(),
        original: this.#original,
        ...(files && { files: files.length }),
      },
      ...(files && { files }),
      originalFilename: files === undefined ? basename(this.name) : this.name,
      spooledPath: this.#copies[0] ?? null,
      checksum: this.#identity?.checksum ?? null,
      fingerprint: this.#identity?.fingerprint ?? null,
    };
  }

  /** `names`: what the files are called, if they are copies. */
  async #combine(paths: readonly string[], names = paths): Promise<void> {
    const { definition, spoolFolder } = this.#request;
    if (rowLimit(definition) !== null) {
      throw new SourceError(
        "Cannot limit a run of several files to its first rows: name one file.",
      );
    }
    this.#name = nameOfAll(basename(names[0]), paths.length - 1);
    const combined = await combineFiles(paths, definition, spoolFolder, names);
    this.#combined = combined;
    this.#source = combined.source;
    this.#identity = combined.identity;
    this.#path = combined.source.path;
    this.#copies.push(this.#path);
  }

  async #keep(from: string | ReadableStream<Uint8Array>, extension: string): Promise<void> {
    const copy = await spool(from, this.#request.spoolFolder, extension);
    this.#copies.push(copy.path);
    this.#path = copy.path;
    this.#identity = copy;
  }

  async #resolve(): Promise<void> {
    const { definition, spoolFolder, file, detach, maxUnpacked } = this.#request;
    const path = this.#path;
    const isNamed = typeof file === "string" || isList(file);
    const how = { name: this.name, maxUnpacked, wanted: wantedNames(definition) };
    const opened = await resolveSource(path, definition.source, spoolFolder, how);
    this.#identity ??= opened.identity;
    const limit = rowLimit(definition);
    this.#source = limit === null ? opened.source : await firstRecords(opened.source, limit);
    // Files that can't be read as they are, such as those in other encodings, are converted.
    if (!isConverted(opened.source, path)) return;
    this.#copies.push(opened.source.path);
    const stays = isNamed && this.#copies.length === 1 && !detach;
    if (stays) this.#original = { ...opened.original, host: Deno.hostname() };
  }
}

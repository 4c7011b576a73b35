/** A file that appears only once it is complete. */
import { basename, dirname, join } from "node:path";
import { Refused } from "../run/request/refuse/refused.ts";

export interface ExportFile {
  /** Throws Refused, for example if the disk is full. */
  write(content: string | Uint8Array): Promise<void>;
}

export interface ExportOptions {
  /** Replace an existing file. */
  readonly overwrite: boolean;
}

/**
 * Gives `work` a file to write. It gets its final name if `work` returns true, which means that
 * there is something in it. It is deleted if `work` returns false or throws. Throws Refused if it
 * can't be written.
 */
export async function writeExport(
  path: string,
  options: ExportOptions,
  work: (file: ExportFile) => Promise<boolean>,
): Promise<void> {
  const there = await look(path);
  if (there?.isDirectory) throw new Refused(`Cannot write ${path}: it is a folder.`);
  // A pipe or a device is written to: the user doesn't want a file in its place.
  if (there !== null && !there.isFile) return await writeInto(path, path, { write: true }, work);
  if (there !== null && !options.overwrite) {
    throw new Refused(`Cannot write ${path}: it already exists. --force overwrites it.`);
  }
  // The file behind a link is what the user means.
  const target = there === null ? path : await attempt(path, () => Deno.realPath(path));
  const unfinished = join(
    dirname(target),
    `.${basename(target)}.${crypto.randomUUID().slice(0, 8)}`,
  );
  let whole = false;
  try {
    await writeInto(path, unfinished, { write: true, createNew: true }, async (file) => {
      whole = await work(file);
      return whole;
    });
    if (!whole) return;
    if (!options.overwrite && await look(path) !== null) {
      throw new Refused(`Cannot write ${path}: it was created meanwhile. --force overwrites it.`);
    }
    await attempt(path, async () => {
      // Those who could read the old file can read the new one, and nobody else.
      if (there?.mode) await Deno.chmod(unfinished, there.mode & 0o777);
      await Deno.rename(unfinished, target);
    });
  } finally {
    await removeIfThere(unfinished);
  }
}

async function writeInto(
  named: string,
  path: string,
  options: Deno.OpenOptions,
  work: (file: ExportFile) => Promise<boolean>,
): Promise<void> {
  using file = await attempt(named, () => Deno.open(path, options));
  const encoder = new TextEncoder();
  await work({
    async write(content) {
      const bytes = typeof content === "string" ? encoder.encode(content) : content;
      for (let at = 0; at < bytes.length;) {
        at += await attempt(named, () => file.write(bytes.subarray(at)));
      }
    },
  });
}

async function look(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw cannotWrite(path, error);
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function attempt<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const reason = error instanceof Deno.errors.NotFound ? "there is no such folder" : error.message;
  return new Refused(`Cannot write ${path}: ${reason.replace(/\.$/u, "")}.`, { cause: error });
}

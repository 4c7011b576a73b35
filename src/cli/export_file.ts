/** A file that is there when it is whole, and not before. */
import { basename, dirname, join } from "node:path";
import { Refused } from "../run/request/refused.ts";

export interface ExportFile {
  /** Throws Refused: the disk is full. */
  write(text: string): Promise<void>;
}

export interface ExportOptions {
  /** What is there already is lost. */
  readonly overwrite: boolean;
}

/**
 * Gives `work` a file to write, which takes its name when `work` says that there is something in
 * it, and is gone if not, or if `work` throws. Throws Refused if it can't be written.
 */
export async function writeExport(
  path: string,
  options: ExportOptions,
  work: (file: ExportFile) => Promise<boolean>,
): Promise<void> {
  const there = await look(path);
  if (there?.isDirectory) throw new Refused(`Cannot write ${path}: it is a folder.`);
  // A pipe or a device is written to: a file in its place would not be what was asked for.
  if (there !== null && !there.isFile) return await writeInto(path, path, { write: true }, work);
  if (there !== null && !options.overwrite) {
    throw new Refused(`Cannot write ${path}: it exists. --force overwrites it.`);
  }
  // Behind a link is the file that is meant.
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
      throw new Refused(`Cannot write ${path}: it exists by now. --force overwrites it.`);
    }
    await attempt(path, async () => {
      // Whoever may read the old one, and nobody else.
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
    async write(text) {
      const bytes = encoder.encode(text);
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

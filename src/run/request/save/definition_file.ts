/** Writes a definition's file: all of it or nothing, and never over what somebody else has written. */
import { basename, dirname, join } from "node:path";
import { Refused } from "../refuse/refused.ts";

/** There is such a file already. */
export class NameTaken extends Error {
  override readonly name = "NameTaken";
}

/** Throws NameTaken, and errors of the system. */
export async function createFile(file: string, text: string): Promise<void> {
  await writing(file, text, async (temporary) => {
    try {
      // Unlike a renamed file, a link never takes the place of another one.
      await Deno.link(temporary, file);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) throw new NameTaken();
      if (error instanceof Deno.errors.NotFound) throw error;
      // Some file systems have no links. Then others may see the file while it is written.
      await Deno.writeTextFile(file, text, { createNew: true });
    }
    await Deno.remove(temporary);
  });
}

/**
 * With the same permissions. Throws Refused if somebody has changed it meanwhile, and errors of the
 * system.
 */
export async function replaceFile(file: string, before: string, after: string): Promise<void> {
  const path = await Deno.realPath(file);
  const { mode } = await Deno.stat(path);
  await writing(path, after, async (temporary) => {
    if (mode !== null) await Deno.chmod(temporary, mode & 0o7777);
    const now = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await Deno.readFile(path));
    if (now !== before) {
      throw new Refused(
        `${file} has just been changed by somebody else: look at it, then try again.`,
      );
    }
    await Deno.rename(temporary, path);
  });
}

/** Hidden, so that nobody takes it for a definition. */
async function writing(
  file: string,
  text: string,
  put: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${crypto.randomUUID().slice(0, 8)}`);
  try {
    await Deno.writeTextFile(temporary, text, { createNew: true });
    await put(temporary);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {/* it was not written */});
    throw error instanceof Deno.errors.AlreadyExists ? new NameTaken() : error;
  }
}

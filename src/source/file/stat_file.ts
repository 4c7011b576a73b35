/** Looks at a file that somebody has named, and says what is wrong with it. */
import { SourceError } from "../error.ts";
import { readAnswer } from "./answer.ts";

export interface FileStat {
  readonly size: number;
  readonly mtime: number | null;
}

/** `name`: the file's, for messages. Throws SourceError. */
export async function statFile(path: string, name: string): Promise<FileStat> {
  try {
    const stat = await readAnswer(path, Deno.stat(path));
    if (stat.isDirectory) {
      throw new SourceError(`Cannot import ${name}: it is a folder. Name a file in it.`);
    }
    if (stat.isFifo === true) {
      throw new SourceError(
        `Cannot import ${name}: it is a pipe. Read it as standard input: --file - < ${name}`,
      );
    }
    if (!stat.isFile) {
      throw new SourceError(`Cannot import ${name}: it is not a regular file. Copy it to one.`);
    }
    return { size: stat.size, mtime: stat.mtime?.getTime() ?? null };
  } catch (error) {
    // A path through a file (`a.csv/b.csv`) is "not a directory" to the system.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new SourceError(`Cannot import ${name}: there is no such file. Check the path.`);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new SourceError(
        `Cannot import ${name}: permission denied. Make its folder readable for this user.`,
      );
    }
    if (error instanceof Deno.errors.FilesystemLoop) {
      throw new SourceError(
        `Cannot import ${name}: its symbolic links lead in a circle. Name the file itself.`,
      );
    }
    throw error;
  }
}

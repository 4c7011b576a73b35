import { isAbsolute, join, relative, resolve, sep } from "node:path";
import type { RequestRefused } from "../answers/answer_failure.ts";
import { wrongField } from "./validation.ts";

/**
 * The file that a request names: it must be inside the folder, with links resolved. The returned
 * path has no links in it, so that nobody can redirect one afterwards. Throws RequestRefused, with
 * the same message for a file outside the folder and for one that doesn't exist.
 */
export async function resolveInside(folder: string, path: string): Promise<string> {
  try {
    const root = await Deno.realPath(folder);
    const wanted = resolve(root, path);
    if (!isInside(root, wanted)) throw notThere();
    const real = await Deno.realPath(wanted);
    if (isInside(root, real)) return real;
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
  throw notThere();
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.FilesystemLoop ||
    // A NUL in it.
    error instanceof TypeError || error instanceof Deno.errors.InvalidData ||
    // Longer than names may be.
    (error instanceof Error && "code" in error && error.code === "ENAMETOOLONG");
}

function notThere(): RequestRefused {
  return wrongField("source.path", "there is no such file in the server's source folder");
}

/** The path as clients may see it: relative to the folder, or only the file's name. */
export function publicPath(folder: string | null, path: string): string {
  const name = path.split(/[\\/]/u).at(-1) ?? path;
  if (!isAbsolute(path)) return path;
  if (folder === null || !isInside(resolve(folder), path)) return name;
  return join(relative(resolve(folder), path));
}

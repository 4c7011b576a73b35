import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { RequestRefused } from "./answer_failure.ts";

/**
 * The file that a request may name: inside the folder, links resolved. The path that is returned
 * has no links in it, so that nobody can turn one round afterwards. Throws RequestRefused, in the
 * same words for a file outside and for one that isn't there.
 */
export async function resolveInside(folder: string, path: string): Promise<string> {
  const root = await Deno.realPath(folder);
  const wanted = resolve(root, path);
  if (!isInside(root, wanted)) throw notThere();
  try {
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
    // A NUL in it, or longer than names may be.
    error instanceof TypeError || error instanceof Deno.errors.InvalidData;
}

function notThere(): RequestRefused {
  const problem = "there is no such file in the server's source folder";
  return new RequestRefused(422, "validation", `source.path: ${problem}.`, {
    "source.path": [problem],
  });
}

/** As far as others may know it: where it lies in the folder, or only its name. */
export function publicPath(folder: string | null, path: string): string {
  const name = path.split(/[\\/]/u).at(-1) ?? path;
  if (!isAbsolute(path)) return path;
  if (folder === null || !isInside(resolve(folder), path)) return name;
  return join(relative(resolve(folder), path));
}

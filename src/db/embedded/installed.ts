/** Postgres servers that are installed on this machine. */
import { dirname } from "node:path";
import type { Environment } from "./environment.ts";
import { isReachable } from "./files.ts";
import type { Place } from "./place.ts";

/** Where packages install Postgres. Some of them put nothing on the PATH. */
const USUAL: readonly (readonly [parent: string, name: RegExp, bin: string])[] = [
  // Debian
  ["/usr/lib/postgresql", /^\d+$/, "bin"],
  // Fedora, Red Hat
  ["/usr", /^pgsql-\d+$/, "bin"],
  // Homebrew
  ["/opt/homebrew/opt", /^postgresql@\d+$/, "bin"],
  ["/usr/local/opt", /^postgresql@\d+$/, "bin"],
];

/** The folders that may hold a server's programs. */
export async function binFolders(environment: Environment): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const folder of (environment.PATH ?? "").split(":")) {
    if (!folder.startsWith("/") || !await isReachable(`${folder}/pg_ctl`)) continue;
    // What lies there may be a link. The other programs are next to the file it points to.
    found.add(dirname(await Deno.realPath(`${folder}/pg_ctl`)));
  }
  for (const [parent, name, bin] of USUAL) {
    if (!await isReachable(parent)) continue;
    for await (const entry of Deno.readDir(parent)) {
      if (name.test(entry.name)) found.add(`${parent}/${entry.name}/${bin}`);
    }
  }
  return [...found];
}

/** Null if the folder holds no server that this place's user can run. */
export async function majorVersion(bin: string, place: Place): Promise<number | null> {
  for (const program of ["initdb", "pg_ctl", "postgres"]) {
    if (!await isReachable(`${bin}/${program}`)) return null;
  }
  try {
    const { stdout } = await new Deno.Command(`${bin}/postgres`, {
      args: ["--version"],
      cwd: "/",
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      ...place.runAs,
    }).output();
    const version = /\(PostgreSQL\) (\d+)/.exec(new TextDecoder().decode(stdout));
    return version === null ? null : Number(version[1]);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  }
}

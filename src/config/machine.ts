/** What `resolveDatabase` needs to know about this machine. */
import { userInfo } from "node:os";
import type { Environment, Machine } from "./resolve_database.ts";
import { UsageError } from "./usage_error.ts";

export function thisMachine(environment: Environment): Machine {
  return {
    user: userName(environment),
    cores: navigator.hardwareConcurrency,
    homeFolder: environment.HOME || null,
    exists,
    readPasswordFile,
  };
}

function userName(environment: Environment): string {
  try {
    return userInfo().username;
  } catch {
    // Containers often run as a user without an entry in the system's list.
    return environment.USER || environment.LOGNAME || "unknown";
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function readPasswordFile(path: string): string | null {
  try {
    const { mode, isFile } = Deno.statSync(path);
    if (!isFile) return null;
    if (mode !== null && (mode & 0o077) !== 0) {
      throw new UsageError(
        `${path}: other users can read this password file. Run: chmod 600 ${path}`,
      );
    }
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    // A service may have no access to its user's home. libpq then does without the file, too.
    if (error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  }
}

/** This machine, as `resolveDatabase` wants to know it. */
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
    // A user without an entry in the system's list, as containers run them.
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
      throw new UsageError(`${path}: others can read this password file: chmod 600 ${path}`);
    }
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    // A service may not look into its user's home: libpq, too, then goes without.
    if (error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** False as well where this user may not look: what can't be read can't be run. */
export async function isReachable(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

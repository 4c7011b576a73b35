export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Also false if this user has no access: such a program could not be run either. */
export async function isReachable(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

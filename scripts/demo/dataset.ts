/** Finds public data sets that npm's `vega-datasets` ships as CSV. */
import { fileURLToPath } from "node:url";

/** The path of one of its files in Deno's npm cache. */
export async function findDataset(name: string): Promise<string> {
  // Importing the package brings it into the cache.
  await import("vega-datasets");
  const path = fileURLToPath(new URL(`../data/${name}`, import.meta.resolve("vega-datasets")));
  await Deno.stat(path);
  return path;
}

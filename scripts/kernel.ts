/**
 * Makes two files in src/kernel from the AssemblyScript in src/kernel/assembly: wasm.ts is the kernel
 * itself, contract.ts describes it to TypeScript.
 *
 *     scripts/deno task kernel             writes them
 *     scripts/deno task kernel --check     fails if one of them is stale
 */
import { compileKernel, type ReadSource } from "./kernel/compile.ts";
import { describeKernel } from "./kernel/describe.ts";
import { contractModule, wasmModule } from "./kernel/write.ts";

const KERNEL = new URL("../src/kernel/", import.meta.url);

export const readSource: ReadSource = (path) =>
  Deno.readTextFile(new URL(path, new URL("assembly/", KERNEL))).catch(() => null);

/** Returns the files' texts by their names. Throws with what the compiler says. */
async function makeFiles(): Promise<ReadonlyMap<string, string>> {
  const kernel = await compileKernel(readSource);
  return new Map([
    ["contract.ts", contractModule(describeKernel(kernel))],
    ["wasm.ts", wasmModule(kernel.wasm)],
  ]);
}

/** Returns the names of the files in the folder that differ from what was made. */
export async function findStale(
  made: ReadonlyMap<string, string>,
  folder: URL,
): Promise<readonly string[]> {
  const stale: string[] = [];
  for (const [name, text] of made) {
    const found = await Deno.readTextFile(new URL(name, folder)).catch(() => null);
    if (found !== text) stale.push(name);
  }
  return stale;
}

async function main(args: readonly string[]): Promise<number> {
  const made = await makeFiles();
  if (!args.includes("--check")) {
    for (const [name, text] of made) await Deno.writeTextFile(new URL(name, KERNEL), text);
    return 0;
  }
  const stale = await findStale(made, KERNEL);
  for (const name of stale) {
    console.error(`src/kernel/${name} is stale: run \`scripts/deno task kernel\``);
  }
  return stale.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));

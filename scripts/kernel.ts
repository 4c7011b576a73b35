/**
 * Makes src/kernel/wasm.ts from src/kernel/assembly, which is AssemblyScript.
 *
 *     scripts/deno task kernel             writes it
 *     scripts/deno task kernel --check     fails if it is not what is there
 */
import { main as asc } from "assemblyscript/asc";
import { fileURLToPath } from "node:url";

const SOURCES = new URL("../src/kernel/assembly/", import.meta.url);
const RESULT = new URL("../src/kernel/wasm.ts", import.meta.url);

/** Throws with what the compiler says. */
export async function compileKernel(): Promise<Uint8Array> {
  let binary: Uint8Array | null = null;
  const { error, stderr } = await asc(
    [
      "index.ts",
      ...["--outFile", "kernel.wasm"],
      ...["-O3", "--noAssert", "--enable", "simd", "--runtime", "stub", "--importMemory"],
    ],
    {
      readFile: (name: string) => Deno.readTextFile(new URL(name, SOURCES)).catch(() => null),
      writeFile: (name: string, contents: Uint8Array | string) => {
        if (name === "kernel.wasm" && typeof contents !== "string") binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || binary === null) throw new Error(`${error?.message}\n${stderr.toString()}`);
  return binary;
}

function moduleOf(binary: Uint8Array): string {
  const lines = binary.toBase64().match(/.{1,94}/g) ?? [];
  return `// Made by scripts/kernel.ts from assembly/: change that, and run \`scripts/deno task kernel\`.

/** WebAssembly in base64, so that it is part of the compiled program. */
export const KERNEL =
${lines.map((line) => `  "${line}"`).join(" +\n")};
`;
}

if (import.meta.main) {
  const made = moduleOf(await compileKernel());
  if (!Deno.args.includes("--check")) await Deno.writeTextFile(RESULT, made);
  else if (await Deno.readTextFile(RESULT) !== made) {
    console.error(
      `${fileURLToPath(RESULT)} is not made from what is in assembly/: deno task kernel`,
    );
    Deno.exit(1);
  }
}

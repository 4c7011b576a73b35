/** Compiles the kernel from AssemblyScript. */
import type { Program } from "assemblyscript";
import { main as asc, type Transform } from "assemblyscript/asc";

/** Reads a source by its path, relative to assembly/. Null: there is none. */
export type ReadSource = (path: string) => Promise<string | null>;

export interface CompiledKernel {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** What the compiler knows of the sources. */
  readonly program: Program;
}

/** `optimize`: takes seconds, and changes no number. Throws with what the compiler says. */
export async function compileKernel(
  readSource: ReadSource,
  optimize = true,
): Promise<CompiledKernel> {
  let wasm: Uint8Array | null = null;
  let program: Program | null = null;
  const { error, stderr } = await asc(
    [
      "index.ts",
      ...["--outFile", "kernel.wasm"],
      ...["--noAssert", "--enable", "simd", "--runtime", "stub", "--importMemory"],
      ...(optimize ? ["-O3"] : []),
      // Classes are exported for the contract, and the compiler warns that WebAssembly has none.
      ...["--disableWarning", "235"],
    ],
    {
      readFile: readSource,
      writeFile: (name: string, contents: Uint8Array | string) => {
        if (name === "kernel.wasm" && typeof contents !== "string") wasm = contents;
      },
      listFiles: () => [],
      transforms: [
        { afterInitialize: (initialized: Program) => void (program = initialized) } as Transform,
      ],
    },
  );
  if (error !== null || wasm === null || program === null) {
    throw new Error(`${error?.message}\n${stderr.toString()}`);
  }
  return { wasm: new Uint8Array(wasm), program };
}

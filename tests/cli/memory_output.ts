/** Output in memory, for tests of what commands print. */
import { BrokenPipe } from "../../src/cli/command_errors.ts";
import { Output, type Stream } from "../../src/cli/output.ts";

export interface MemoryStream extends Stream {
  text: string;
}

export function memoryStream(
  size: { readonly columns: number; readonly rows: number } | null = null,
): MemoryStream {
  return {
    text: "",
    write(content) {
      this.text += typeof content === "string" ? content : new TextDecoder().decode(content);
    },
    writeLater(text) {
      this.write(text);
      return Promise.resolve();
    },
    size: () => size,
  };
}

export function brokenStream(): Stream {
  return {
    write() {
      throw new BrokenPipe("nobody reads");
    },
    writeLater: () => Promise.reject(new BrokenPipe("nobody reads")),
    size: () => null,
  };
}

export interface MemoryOutput {
  readonly output: Output;
  readonly stdout: MemoryStream;
  readonly stderr: MemoryStream;
}

export function memoryOutput(
  size: { readonly columns: number; readonly rows: number } | null = null,
): MemoryOutput {
  const [stdout, stderr] = [memoryStream(size), memoryStream(size)];
  return { output: new Output(stdout, stderr, "never"), stdout, stderr };
}

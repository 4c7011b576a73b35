import type { Command } from "commander";
import type { Output } from "../output.ts";

/** Where commands are declared, and where their exit codes go. */
export interface Declaration {
  readonly program: Command;
  readonly output: Output;
  readonly finish: (exit: number) => void;
}

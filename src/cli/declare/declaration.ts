import type { Command } from "commander";
import type { Output } from "../output.ts";

/** Where commands are hung, and where their exit code goes. */
export interface Declaration {
  readonly program: Command;
  readonly output: Output;
  readonly finish: (exit: number) => void;
}

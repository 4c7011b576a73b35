/** The command line: arguments in, exit code out. */
import type { Command } from "commander";
import { UsageError } from "../config/usage_error.ts";
import { EXIT } from "./exit_codes.ts";
import { toFailure } from "./describe_failure.ts";
import { type Output, processOutput } from "./output.ts";
import { buildCommandLine, COMMAND_NAMES } from "./command_line.ts";
import { COMPLETE } from "./complete/scripts.ts";
import { HOOKS } from "../hooks/messages.ts";
import { ALONE } from "../run/work/lonely_messages.ts";

/** Runs one command. Never throws; only `main.ts` exits. */
export async function main(args: readonly string[]): Promise<number> {
  if (args[0] === HOOKS) {
    // It may not even look at the environment.
    await (await import("./commands/host_hooks.ts")).hostHooks();
    return EXIT.done;
  }
  return await runCommandLine(args, processOutput(args));
}

/** The same, with any output. */
export async function runCommandLine(args: readonly string[], output: Output): Promise<number> {
  try {
    return await execute(args, output);
  } catch (error) {
    return fail(error, args, output);
  }
}

async function execute(args: readonly string[], output: Output): Promise<number> {
  if (args[0] === ALONE) {
    return await (await import("./commands/rescue_alone.ts")).rescueAloneCommand();
  }
  if (args[0] === COMPLETE) {
    return await (await import("./commands/complete.ts")).completeCommand(args.slice(1), output);
  }
  let exit: number = EXIT.done;
  const words = namesNoCommand(args) ? ["overview", ...args] : forHelp(args);
  const program = buildCommandLine(output, (code) => exit = code, words[0]);
  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    const name = words[0] === "help" ? words.at(1) : words[0];
    const isUnknown = isHelpAsError(error) || isUnknownCommand(error);
    if (isUnknown && name !== undefined && !COMMAND_NAMES.includes(name)) {
      throw new UsageError((await import("./other_words.ts")).adviceFor(name));
    }
    if (isHelpAsError(error)) throw new UsageError(needsCommand(args, program));
    throw error;
  }
  return exit;
}

/** `help token create`: commander only knows `help token`. */
function forHelp(args: readonly string[]): readonly string[] {
  const [first, ...named] = args;
  if (first !== "help") return args;
  if (named[0] === "help") return ["help"];
  return named.length > 1 && COMMAND_NAMES.includes(named[0]) ? [...named, "--help"] : args;
}

function isUnknownCommand(error: unknown): boolean {
  return isNamed(error, "CommanderError") && "code" in error &&
    error.code === "commander.unknownCommand";
}

/** `ingest`, `ingest --json`, `ingest --database-url …`: where things stand. */
function namesNoCommand(args: readonly string[]): boolean {
  const [first = "--"] = args;
  if (!first.startsWith("-") || ["-h", "--help", "-V", "--version"].includes(first)) return false;
  return !args.some((word) => word === "help" || COMMAND_NAMES.includes(word));
}

/** What commander throws for a command whose own commands were forgotten. */
function isHelpAsError(error: unknown): boolean {
  return isNamed(error, "CommanderError") && "code" in error && error.code === "commander.help" &&
    "exitCode" in error && error.exitCode !== 0;
}

function needsCommand(args: readonly string[], program: Command): string {
  const command = program.commands.find((one) => args.includes(one.name()));
  const names = command?.commands.map((one) => one.name()).filter((name) => name !== "help") ?? [];
  const name = command?.name() ?? "ingest";
  return `${name} needs a command: ${names.join(", ")}. See: ingest ${name} --help`;
}

function fail(error: unknown, args: readonly string[], output: Output): number {
  if (isNamed(error, "BrokenPipe")) return EXIT.done;
  if (isNamed(error, "CommanderError") && "exitCode" in error && error.exitCode === 0) {
    return EXIT.done;
  }
  const options = args.slice(0, args.includes("--") ? args.indexOf("--") : args.length);
  const { exit, ...body } = toFailure(error);
  for (const line of linesOf(error, body.message)) output.note(`ingest: ${line}`);
  if (options.includes("--verbose") && error instanceof Error) {
    for (let at: unknown = error; at instanceof Error; at = at.cause) {
      noteAll((at.stack ?? at.message).split("\n"), output);
    }
  }
  if (options.includes("--json")) {
    const { code, message, errors } = body;
    try {
      output.json({ message, code, ...(errors && { errors }) });
    } catch (broken) {
      if (!isNamed(broken, "BrokenPipe") && !isNamed(broken, "OutputFailed")) throw broken;
    }
  }
  return exit;
}

/** A definition's problems, a line each. Everything else is one line, whatever is in it. */
function linesOf(error: unknown, message: string): readonly string[] {
  if (!isNamed(error, "DefinitionError") || !("problems" in error)) return [message];
  const problems: unknown = error.problems;
  if (!Array.isArray(problems)) return [message];
  return problems.map((problem: unknown) =>
    typeof problem === "object" && problem !== null && "message" in problem
      ? String(problem.message)
      : String(problem)
  );
}

function noteAll(lines: readonly string[], output: Output): void {
  for (const line of lines) output.note(line);
}

function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name;
}

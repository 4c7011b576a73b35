/** The command line: arguments in, exit code out. */
import { EXIT } from "./exit_codes.ts";
import { toFailure } from "./describe_failure.ts";
import { type Output, processOutput } from "./output.ts";
import { buildCommandLine } from "./command_line.ts";

/** Runs one command. Never throws; only `main.ts` exits. */
export function main(args: readonly string[]): Promise<number> {
  return runCommandLine(args, processOutput());
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
  let exit: number = EXIT.done;
  const program = buildCommandLine(output, (code) => {
    exit = code;
  });
  if (args.length === 0) {
    output.note(program.helpInformation());
    return EXIT.usage;
  }
  await program.parseAsync([...args], { from: "user" });
  return exit;
}

function fail(error: unknown, args: readonly string[], output: Output): number {
  if (isNamed(error, "BrokenPipe")) return EXIT.done;
  if (isNamed(error, "CommanderError") && "exitCode" in error && error.exitCode === 0) {
    return EXIT.done;
  }
  const options = args.slice(0, args.includes("--") ? args.indexOf("--") : args.length);
  const { exit, ...body } = toFailure(error);
  for (const line of body.message.split("\n")) output.note(`ingest: ${line}`);
  if (options.includes("--verbose") && error instanceof Error) {
    for (let at: unknown = error; at instanceof Error; at = at.cause) {
      output.note(at.stack ?? at.message);
    }
  }
  if (options.includes("--json")) {
    const { code, message, errors } = body;
    try {
      output.json({ message, code, ...(errors && { errors }) });
    } catch (broken) {
      if (!isNamed(broken, "BrokenPipe")) throw broken;
    }
  }
  return exit;
}

function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name;
}

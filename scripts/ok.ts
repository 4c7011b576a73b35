/**
 * The gate: everything that has to hold before a change is taken. Stops at the first step that
 * fails and says which. `--no-tests` leaves the tests out, for who runs them on their own; with
 * them, their `N passed, N failed` is the last line.
 */

interface Step {
  readonly name: string;
  readonly args: readonly string[];
}

// On CI a lock file that doesn't fit is an error; elsewhere Deno brings it up to date.
const frozen = Deno.env.get("CI") === "true" ? ["--frozen"] : [];

const checks: readonly Step[] = [
  { name: "fmt", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint", "--quiet"] },
  { name: "types", args: ["check", "--quiet", ...frozen, "main.ts", "src", "scripts", "tests"] },
  { name: "import directions", args: ["run", "-A", ...frozen, "scripts/check_imports.ts"] },
  { name: "kernel", args: ["run", "-A", ...frozen, "scripts/kernel.ts", "--check"] },
];
const tests: Step = { name: "tests", args: ["run", "-A", ...frozen, "scripts/test.ts"] };

async function main(args: readonly string[]): Promise<number> {
  Deno.chdir(new URL("..", import.meta.url));
  for (const step of checks) {
    if (await run(step) === 0) continue;
    console.log(`not ok: ${step.name}`);
    return 1;
  }
  console.log(`ok: ${checks.map(({ name }) => name).join(", ")}`);
  return args.includes("--no-tests") ? 0 : await run(tests);
}

async function run(step: Step): Promise<number> {
  console.log(`${step.name} …`);
  const command = new Deno.Command(Deno.execPath(), { args: [...step.args], stdin: "null" });
  const child = command.spawn();
  // Ctrl-C reaches it too; what it has to clean up it does before this program ends.
  const ignore = () => {};
  Deno.addSignalListener("SIGINT", ignore);
  try {
    return (await child.status).code;
  } finally {
    Deno.removeSignalListener("SIGINT", ignore);
  }
}

Deno.exit(await main(Deno.args));

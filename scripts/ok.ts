/**
 * The gate: everything that must pass before a change is accepted. It stops at the first step that
 * fails and says which. `--no-tests` leaves the tests out. With them, the last line is their
 * `N passed, N failed`.
 */

interface Step {
  readonly name: string;
  readonly args: readonly string[];
}

// On CI an outdated lock file is an error. Elsewhere Deno updates it.
const frozen = Deno.env.get("CI") === "true" ? ["--frozen"] : [];

const checks: readonly Step[] = [
  { name: "fmt", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint", "--quiet"] },
  // The only check of types: tests run without.
  { name: "types", args: ["check", "--quiet", ...frozen, "main.ts", "src", "scripts", "tests"] },
  // What the pages' scripts find in a browser is not what the program finds.
  {
    name: "types of the pages' scripts",
    args: ["check", "--quiet", "--config", "scripts/browser.json", "src/http/pages/assets"],
  },
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
  // Ctrl-C reaches the child, too. This program waits until the child has cleaned up.
  const ignore = () => {};
  Deno.addSignalListener("SIGINT", ignore);
  try {
    return (await child.status).code;
  } finally {
    Deno.removeSignalListener("SIGINT", ignore);
  }
}

Deno.exit(await main(Deno.args));

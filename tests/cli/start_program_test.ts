import { startIngest } from "./start_program.ts";

Deno.test("a signal that comes when the program has ended by itself does nothing", async () => {
  const program = startIngest(["version"]);
  await program.ended;
  program.kill("SIGTERM");
});

/**
 * `deno task test`: the tests, against an embedded Postgres of their own. Arguments go to
 * `deno test`: files or folders to run, `--filter …`. The last line says `N passed, N failed`; the
 * exit code is 1 if any failed, none ran or a file didn't load.
 */
import { nameTests, runTests, withWorkplace } from "./run_tests.ts";

const args = nameTests(Deno.args) ? Deno.args : [...Deno.args, "tests/"];
Deno.exit(await withWorkplace((workplace) => runTests(workplace, args)));

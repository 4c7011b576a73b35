/**
 * `deno task test`: the tests, against embedded servers of their own. Arguments go to `deno test`:
 * files or folders to run, `--filter …`. The last line says `N passed, N failed`; the exit code is
 * 1 if any failed, none ran or a file didn't load. `DENO_JOBS=1` runs one file after the other.
 */
import { nameTests } from "./test/files.ts";
import { runTests } from "./test/run.ts";
import { withWorkplace } from "./test/workplace.ts";

const args = nameTests(Deno.args) ? Deno.args : [...Deno.args, "tests"];
Deno.exit(await withWorkplace((workplace) => runTests(workplace, args)));

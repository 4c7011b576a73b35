/** What this program does when it starts itself to rescue batches: src/run/work/lonely_process.ts. */
import { type Errand, type Report, rescueAlone } from "../../run/work/rescue_alone.ts";
import { TextLineStream } from "../../config/text_lines.ts";
import { describeCrash } from "../../run/work/judge_failure.ts";
import { EXIT } from "../exit_codes.ts";
import { onStopSignals } from "../signals.ts";

export async function rescueAloneCommand(): Promise<number> {
  // Ctrl-C reaches it, too. But whoever started it decides when it ends.
  using _signals = onStopSignals({ first: () => {}, again: () => {} });
  const lines = Deno.stdin.readable.pipeThrough(new TextLineStream()).values();
  const { value: errand } = await lines.next();
  if (errand === undefined) return EXIT.usage;
  const encoder = new TextEncoder();
  const report = (report: Report) =>
    void Deno.stdout.writeSync(encoder.encode(JSON.stringify(report) + "\n"));
  try {
    await rescueAlone(JSON.parse(errand) as Errand, lines, report);
    return EXIT.done;
  } catch (error) {
    report({ type: "failed", message: describeCrash(error) });
    return EXIT.failed;
  }
}

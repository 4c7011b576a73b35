/** What a preview says, in words for clients: no paths, and parameters instead of options. */
import { basename } from "node:path";
import type { PreviewReport } from "../../report/preview_schema.ts";
import { withoutCommands } from "./public_commands.ts";
import { withoutPaths } from "./public_words.ts";

/** `file`: that of the definition, if there is one. */
export function publicPreview(report: PreviewReport, file: string | null): PreviewReport {
  const word = (text: string) =>
    withoutCommands(
      asParameters(
        withoutPaths(file === null ? text : text.replaceAll(file, () => basename(file))),
      ),
    );
  return { ...report, problems: report.problems.map(word), warnings: report.warnings.map(word) };
}

/** An option, with its value where one is said. */
const OPTION = /--([a-z]+(?:-[a-z]+)*)(?: (\d+|tab\b|'[^']*'|"[^"]*"))?/gu;

/** `--skip-lines 2` → `skip_lines=2`: the parameters of a preview have the names of the options. */
export function asParameters(text: string): string {
  return text.replace(OPTION, (_, option: string, value: string | undefined) => {
    const name = option.replaceAll("-", "_");
    return value === undefined ? `\`${name}\`` : `\`${name}=${value.replace(/^'(.*)'$/u, "$1")}\``;
  });
}

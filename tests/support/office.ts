/** LibreOffice, without a window. */
import { join } from "node:path";

export const hasOffice = await new Deno.Command("soffice", { args: ["--version"] }).output()
  .then(({ success }) => success, () => false);

/**
 * Opens a file and saves it in another format, as `to` says it: `xlsx`, or `csv:` with a filter.
 * Returns the path of the new file, whose extension is `to`'s.
 */
export async function saveAs(file: string, to: string, folder: string): Promise<string> {
  const profile = await Deno.makeTempDir({ prefix: "ingest-office-" });
  try {
    const { success, stderr } = await new Deno.Command("soffice", {
      args: [
        `-env:UserInstallation=file://${profile}`,
        ...["--headless", "--norestore", "--convert-to", to, "--outdir", folder, file],
      ],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(profile, { recursive: true });
  }
  const name = file.slice(file.lastIndexOf("/") + 1).replace(/\.\w+$/u, "");
  return join(folder, `${name}.${to.split(":")[0]}`);
}

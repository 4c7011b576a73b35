import { temporaryFolder } from "../cli/customers.ts";

export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A folder with these files, until the test ends. */
export async function folderWith(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    const bytes = typeof content === "string" ? encode(content) : content;
    await Deno.writeFile(`${folder.path}/${name}`, bytes);
  }
  return folder;
}

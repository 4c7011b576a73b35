/** Certificates of an authority of the test's own, made by openssl. */

export interface Authority extends AsyncDisposable {
  /** The file that those who trust it name. */
  readonly file: string;
  /** For a server. `days`: until it ends; it began 30 days ago. */
  issue(host: string, days?: number): Promise<{ readonly cert: string; readonly key: string }>;
}

/** Its reason not to run here; null: it can. */
export function whyNoOpenssl(): string | null {
  try {
    Deno.statSync("/usr/bin/openssl");
    return null;
  } catch {
    return "/usr/bin/openssl is missing: apt-get install openssl";
  }
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

export async function authority(): Promise<Authority> {
  const folder = await Deno.makeTempDir({ prefix: "ingest-ca-" });
  const openssl = async (...args: readonly string[]) => {
    const { success, stderr } = await new Deno.Command("openssl", { args: [...args], cwd: folder })
      .output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  };
  await openssl(
    ...["req", "-x509", ...NEW_KEY, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30"],
    ...["-subj", "/CN=Test authority", "-addext", "basicConstraints=critical,CA:TRUE"],
  );
  await Deno.writeTextFile(`${folder}/index`, "");
  await Deno.writeTextFile(
    `${folder}/ca.cnf`,
    "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nnew_certs_dir=.\nrand_serial=yes\n" +
      "default_md=sha256\npolicy=any\ncopy_extensions=copy\nunique_subject=no\n" +
      "[any]\ncommonName=supplied\n",
  );
  return {
    file: `${folder}/ca.pem`,
    async issue(host, days = 10) {
      const name = crypto.randomUUID();
      const isIp = /^[\d.]+$/u.test(host);
      await openssl(
        ...["req", ...NEW_KEY, "-keyout", `${name}.key`, "-out", `${name}.csr`],
        ...["-subj", `/CN=${host}`, "-addext", `subjectAltName=${isIp ? "IP" : "DNS"}:${host}`],
      );
      await openssl(
        ...["ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"],
        ...["-in", `${name}.csr`, "-out", `${name}.pem`, "-notext"],
        ...["-startdate", time(-30), "-enddate", time(days)],
      );
      return {
        cert: await Deno.readTextFile(`${folder}/${name}.pem`),
        key: await Deno.readTextFile(`${folder}/${name}.key`),
      };
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** As openssl takes it: `20260131120000Z`. */
function time(days: number): string {
  const text = new Date(Date.now() + days * 86_400_000).toISOString();
  return `${text.replaceAll(/[-:T]/gu, "").slice(0, 14)}Z`;
}

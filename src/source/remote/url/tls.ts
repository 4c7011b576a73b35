/** TLS over a connection that is there already, for the name that was asked for. */
import { SourceError } from "../../error.ts";
import { inTime, TooLate } from "../network/connect.ts";
import { reachOf } from "../network/reach.ts";
import { Unavailable } from "../network/unavailable.ts";
import type { RemoteAccess } from "../remote.ts";

/** Throws SourceError for a certificate that isn't trusted, and Unavailable. */
export async function secured(
  plain: Deno.Conn,
  hostname: string,
  access: RemoteAccess,
): Promise<Deno.Conn> {
  const { connecting } = reachOf(access);
  let connection: Deno.TlsConn | null = null;
  try {
    const caCerts = await ownCertificates(access);
    connection = await Deno.startTls(plain as Deno.TcpConn, {
      ...{ hostname, caCerts, alpnProtocols: ["http/1.1"] },
    });
    await inTime(connection.handshake(), connecting, access.signal);
    return connection;
  } catch (error) {
    try {
      (connection ?? plain).close();
    } catch {
      // The failed handshake has closed it.
    }
    access.signal.throwIfAborted();
    if (error instanceof SourceError) throw error;
    if (error instanceof TooLate) throw new Unavailable(`${hostname} doesn't answer over TLS`);
    const wrong = error instanceof Error ? wrongCertificate(error.message) : null;
    if (wrong !== null) {
      throw new SourceError(`Cannot fetch from ${hostname}: its certificate ${wrong}`, {
        cause: error,
      });
    }
    throw new Unavailable(`${hostname} breaks off the connection before TLS is set up`, {
      cause: error,
    });
  }
}

/** What is wrong with a certificate, by what TLS says; null: that isn't it. */
function wrongCertificate(message: string): string | null {
  if (!/certificate|UnknownIssuer|NotValidForName/iu.test(message)) return null;
  if (/NotValidForName|not valid for (?:any )?name/iu.test(message)) {
    return "is for another name. Check the address.";
  }
  if (/NotValidYet|not valid yet/iu.test(message)) {
    return "isn't valid yet. Check this machine's clock.";
  }
  if (/expired/iu.test(message)) {
    return "has expired. Ask whoever runs the server to renew it, and check this machine's clock.";
  }
  return "isn't signed by an authority that is trusted here. If it is one of your own, name its " +
    "file: SSL_CERT_FILE.";
}

/** What other programs read, too: authorities that are trusted besides the usual ones. */
async function ownCertificates({ variable }: RemoteAccess): Promise<string[]> {
  const file = variable("SSL_CERT_FILE");
  if (file === undefined || file === "") return [];
  try {
    const text = await Deno.readTextFile(file);
    return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/gu) ?? [];
  } catch (error) {
    throw new SourceError(`Cannot read the certificates in SSL_CERT_FILE, ${file}.`, {
      cause: error,
    });
  }
}

/** What `ssh` says when it can't connect, in sentences for whoever wants the file. */
import { SourceError } from "../../error.ts";
import { Unavailable } from "../network/unavailable.ts";

/** Unavailable if another attempt may help. */
export function refusalOfSsh({ host }: { readonly host: string }, said: string): Error {
  const refused = (why: string) => new SourceError(`Cannot fetch from ${host}: ${why}`);
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED|revoked/u.test(said)) {
    return refused(
      "its host key is not the one in known_hosts. Somebody may be in between, or the server was " +
        "set up anew. Ask whoever runs it for the new key before you replace the old one.",
    );
  }
  if (/Host key verification failed|host key is known/u.test(said)) {
    return refused(
      "its host key isn't known here, so nothing was sent. Compare its key with what whoever runs " +
        "the server says, and add it to known_hosts of the user that runs ingest.",
    );
  }
  if (/UNPROTECTED PRIVATE KEY|bad permissions/iu.test(said)) {
    return refused(
      "others can read the file of the private key, so ssh doesn't use it. Run chmod 600.",
    );
  }
  if (/no such identity|Identity file .* not accessible/iu.test(said)) {
    return refused(
      "there is no such file with a private key. Check `key` in the definition's source.",
    );
  }
  if (/Permission denied/u.test(said)) {
    return refused(
      "it doesn't let this user in. Check the user's name and the key: `key` in the definition's " +
        "source, or else what ssh uses on this machine. The key must have no passphrase, or be in an " +
        "agent.",
    );
  }
  if (/subsystem request failed/iu.test(said)) return refused("it offers no SFTP to this user.");
  if (/Could not resolve|not known/iu.test(said)) {
    return new Unavailable(`the name ${host} is unknown`);
  }
  if (/refused/iu.test(said)) return new Unavailable(`${host} refuses the connection`);
  if (/timed out/iu.test(said)) return new Unavailable(`${host} doesn't answer in time`);
  return new Unavailable(`${host} can't be reached over SSH`);
}

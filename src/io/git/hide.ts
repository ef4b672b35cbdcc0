import type { GitCredential } from "../../model/git.ts";

/** Shorter ones would be found in any text. */
const shortest = 4;

/**
 * Takes a credential out of the words of servers: some quote the header or the URL that they were sent. Whatever is secret of it is replaced
 * where it stands as it is, in base64 or URL-encoded.
 */
export function createHider(credential: GitCredential | undefined): (words: string) => string {
  const forms = secretsOf(credential)
    .flatMap((secret) => [
      secret,
      Buffer.from(secret).toString("base64"),
      Buffer.from(secret).toString("base64").replace(/=+$/, ""),
      Buffer.from(secret).toString("base64url"),
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      secret.replace(/\s+/g, " ").trim(),
    ])
    .filter((form) => form.length >= shortest);
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (words) => longestFirst.reduce((text, form) => text.replaceAll(form, "[hidden]"), words);
}

function secretsOf(credential: GitCredential | undefined): string[] {
  const { basic, bearer, client, ssh, proxy } = credential ?? {};
  const pairs = [basic, proxy].flatMap((login) =>
    login?.password === undefined ? [] : [`${login.username ?? ""}:${login.password}`, login.password],
  );
  const keys = [client?.key, ssh?.identity].flatMap((pem) => (pem === undefined ? [] : [pem, ...bodyOf(pem)]));
  return [...pairs, ...keys, bearer, ssh?.passphrase].filter((each) => each !== undefined && each !== "") as string[];
}

/** The lines of a PEM file: a part of a key is a part of the secret. */
function bodyOf(pem: string): string[] {
  return pem.split("\n").filter((line) => line.length >= 16 && !line.startsWith("-----"));
}

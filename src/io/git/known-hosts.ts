import { createHmac } from "node:crypto";

/** What a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT") says of one host. */
export interface KnownHost {
  /** In the order of the file. */
  readonly keys: readonly HostKey[];
  readonly revoked: readonly HostKey[];
  /** A line of the host names an authority (`@cert-authority`): certificates of hosts are not supported. */
  readonly authority: boolean;
}

interface HostKey {
  /** As in the key itself, `ssh-ed25519` for example. */
  readonly type: string;
  /** Base64. */
  readonly key: string;
}

/** Reads what is said of a host at a port. Lines that are no entries say nothing. */
export function readKnownHosts(text: string, host: string, port: number): KnownHost {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  const found = { keys: [] as HostKey[], revoked: [] as HostKey[], authority: false };
  for (const line of text.split(/\r?\n/)) {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
    const [hosts = "", type, key] = words;
    if (hosts === "" || hosts.startsWith("#") || type === undefined || key === undefined) continue;
    if (!names(hosts, name)) continue;
    if (marker === "@cert-authority") found.authority = true;
    else if (marker === "@revoked") found.revoked.push({ type, key: normal(key) });
    else if (marker === undefined) found.keys.push({ type, key: normal(key) });
  }
  return found;
}

/** Whether a key that a host showed is one that it is known by and that nobody revoked. */
export function isKnown({ keys, revoked }: KnownHost, key: Buffer): "known" | "revoked" | "other" {
  const shown = key.toString("base64");
  if (revoked.some((each) => each.key === shown)) return "revoked";
  return keys.some((each) => each.key === shown) ? "known" : "other";
}

/** Algorithms to ask a host for, so that it shows a key that can be compared: those of its known keys, in their order. */
export function hostKeyAlgorithms({ keys }: KnownHost): readonly string[] {
  // The type names the key; RSA keys sign by SHA-2, since SHA-1 is broken.
  const algorithms = keys.flatMap(({ type }) => (type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type]));
  return [...new Set(algorithms)].filter((each) => supported.has(each));
}

const supported: ReadonlySet<string> = new Set([
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
]);

const normal = (key: string) => Buffer.from(key, "base64").toString("base64");

function names(hosts: string, name: string): boolean {
  if (hosts.startsWith("|")) return isHashOf(hosts, name);
  const patterns = hosts.toLowerCase().split(",");
  const denied = patterns.some((each) => each.startsWith("!") && matches(each.slice(1), name));
  return !denied && patterns.some((each) => !each.startsWith("!") && matches(each, name));
}

/** `|1|salt|HMAC-SHA1(salt, name)`. */
function isHashOf(entry: string, name: string): boolean {
  const [, version, salt, hash] = entry.split("|");
  if (version !== "1" || salt === undefined || hash === undefined) return false;
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
}

function matches(pattern: string, name: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${escaped}$`).test(name);
}

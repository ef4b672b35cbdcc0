import { createPrivateKey, type KeyObject, randomBytes } from "node:crypto";
import ssh2 from "ssh2";
import { GitError } from "../../model/git.ts";

/**
 * A private key in a form that ssh2 reads. PKCS #8, which Flux writes (`flux create secret git`, `flux bootstrap`), is none of them.
 * Fails with `unauthorized` where the key or its passphrase is wrong, and with `unsupported` for other kinds of keys.
 */
export function readIdentity(identity: string, passphrase: string | undefined): string {
  // PEM lines in a Secret may have lost their last line break, or come with those of Windows.
  const pem = `${identity.replaceAll("\r\n", "\n").trim()}\n`;
  const readable = /^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(pem) ? fromPkcs8(pem, passphrase) : pem;
  const parsed = ssh2.utils.parseKey(readable, passphrase);
  const key = parsed instanceof Error ? parsed : [parsed].flat()[0];
  if (key === undefined || key instanceof Error) {
    const encrypted = key !== undefined && /encrypted|passphrase|integrity|decrypt/i.test(key.message);
    throw new GitError(
      "unauthorized",
      encrypted
        ? "the SSH identity is encrypted, and its passphrase is missing or wrong"
        : "the SSH identity is no private key",
    );
  }
  if (!key.isPrivateKey())
    throw new GitError("unauthorized", "the SSH identity is a public key: the private one is needed");
  return readable;
}

function fromPkcs8(pem: string, passphrase: string | undefined): string {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: "pem", ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    const encrypted = pem.includes("ENCRYPTED");
    const why = encrypted ? "is encrypted, and its passphrase is missing or wrong" : "is no private key";
    throw new GitError("unauthorized", `the SSH identity ${why}`, error instanceof Error ? error.name : undefined);
  }
  const kind = key.asymmetricKeyType;
  if (kind === "rsa") return String(key.export({ type: "pkcs1", format: "pem" }));
  if (kind === "ec") return String(key.export({ type: "sec1", format: "pem" }));
  if (kind === "ed25519") return openSshEd25519(key);
  throw new GitError("unsupported", `the SSH identity is of the kind ${kind}: use ed25519, ECDSA or RSA`);
}

/** The only form of ed25519 keys that ssh2 reads (PROTOCOL.key of OpenSSH). */
function openSshEd25519(key: KeyObject): string {
  const { x = "", d = "" } = key.export({ format: "jwk" });
  const publicKey = Buffer.from(x, "base64url");
  const secret = Buffer.concat([Buffer.from(d, "base64url"), publicKey]);
  const number = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const text = (value: string | Buffer) => Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(value)]);
  const check = randomBytes(4);
  const block = Buffer.concat([check, check, text("ssh-ed25519"), text(publicKey), text(secret), text("")]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (block.length % 8)) % 8));
  const whole = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...[text("none"), text("none"), text(""), number(1)],
    text(Buffer.concat([text("ssh-ed25519"), text(publicKey)])),
    text(Buffer.concat([block, padding])),
  ]);
  const lines = whole.toString("base64").match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

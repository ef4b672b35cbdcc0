const magic = "openssh-key-v1\0";

/**
 * Whether a private key needs a passphrase: by the header of PEM (RFC 1421, PKCS #8), or by the name of the cipher in the form of OpenSSH
 * (PROTOCOL.key). What is no key at all needs none.
 */
export function isEncryptedKey(pem: string): boolean {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4, *ENCRYPTED/m.test(pem)) return true;
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]*)/.exec(pem)?.[1];
  if (body === undefined) return false;
  const bytes = Buffer.from(body, "base64");
  if (bytes.toString("latin1", 0, magic.length) !== magic || bytes.length < magic.length + 4) return false;
  const start = magic.length + 4;
  return bytes.toString("latin1", start, start + bytes.readUInt32BE(magic.length)) !== "none";
}

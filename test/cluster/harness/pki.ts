/** Certificates for one day of testing, written without any program: keys and signatures are Node's, the envelope is ours. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";
import { bits, explicit, implicit, integer, objectId, octets, sequence, set, TRUE, time, utf8 } from "./der.ts";

/** A certificate or key in the text form every program reads. */
type Pem = string;

export interface Identity {
  certificate: Pem;
  key: Pem;
}

export interface Pki {
  /** The certificate that every other is signed with. */
  authority: Pem;
  server: Identity;
  /** A member of system:masters. */
  admin: Identity;
  /** What service account tokens are signed and checked with. */
  serviceAccounts: { privateKey: Pem; publicKey: Pem };
}

interface Name {
  CN: string;
  O?: string;
}

const OID = {
  organization: "2.5.4.10",
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  alternativeNames: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyId: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
};
const HOUR_MS = 3_600_000;
const AUTHORITY: Name = { CN: "reroll-test-authority" };

/** Everything that a control plane on loopback needs to trust itself and its admin. */
export function createPki(): Pki {
  const authority = newKey();
  const issue = (subject: Name, names: string[] = []): Identity => {
    const { publicKey, privateKey } = newKey();
    return { certificate: certificate({ subject, publicKey, authority, names }), key: pem(privateKey) };
  };
  const tokens = newKey();
  return {
    authority: certificate({ subject: AUTHORITY, publicKey: authority.publicKey, authority, isAuthority: true }),
    server: issue({ CN: "kube-apiserver" }, [
      "127.0.0.1",
      "10.0.0.1",
      "localhost",
      "kubernetes",
      "kubernetes.default",
      "kubernetes.default.svc",
    ]),
    admin: issue({ CN: "admin", O: "system:masters" }),
    serviceAccounts: { privateKey: pem(tokens.privateKey), publicKey: pem(tokens.publicKey) },
  };
}

interface KeyPair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

function newKey(): KeyPair {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function pem(key: KeyObject): Pem {
  return key.export({ format: "pem", type: key.type === "private" ? "pkcs8" : "spki" }).toString();
}

interface Request {
  subject: Name;
  publicKey: KeyObject;
  authority: KeyPair;
  isAuthority?: boolean;
  names?: string[];
}

function certificate(request: Request): Pem {
  const { subject, publicKey, authority } = request;
  const now = Date.now();
  const algorithm = sequence(objectId(OID.ecdsaWithSha256));
  const body = sequence(
    explicit(0, integer(Uint8Array.of(2))), // version 3
    integer(Buffer.concat([Uint8Array.of(0x40), randomBytes(8)])), // serial number
    algorithm,
    distinguished(AUTHORITY),
    sequence(time(new Date(now - HOUR_MS)), time(new Date(now + 24 * HOUR_MS))),
    distinguished(subject),
    publicKey.export({ format: "der", type: "spki" }),
    explicit(3, sequence(...extensions(request))),
  );
  const signature = sign("sha256", body, authority.privateKey);
  const whole = Buffer.from(sequence(body, algorithm, bits(signature)));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function extensions({ publicKey, authority, isAuthority, names = [] }: Request): Uint8Array[] {
  const common = [
    extension(OID.subjectKeyId, octets(keyId(publicKey))),
    extension(OID.authorityKeyId, sequence(implicit(0, keyId(authority.publicKey)))),
  ];
  if (isAuthority) {
    const signsCertificates = bits(Uint8Array.of(0b0000_0100), 2);
    return [...common, critical(OID.basicConstraints, sequence(TRUE)), critical(OID.keyUsage, signsCertificates)];
  }
  const alternatives = names.map((name) =>
    isIPv4(name) ? implicit(7, Uint8Array.from(name.split("."), Number)) : implicit(2, Buffer.from(name)),
  );
  return [
    ...common,
    critical(OID.keyUsage, bits(Uint8Array.of(0b1000_0000), 7)), // digital signature
    extension(OID.extendedKeyUsage, sequence(objectId(OID.serverAuth), objectId(OID.clientAuth))),
    ...(alternatives.length > 0 ? [extension(OID.alternativeNames, sequence(...alternatives))] : []),
  ];
}

const extension = (id: string, value: Uint8Array): Uint8Array => sequence(objectId(id), octets(value));
const critical = (id: string, value: Uint8Array): Uint8Array => sequence(objectId(id), TRUE, octets(value));

function keyId(key: KeyObject): Uint8Array {
  return createHash("sha1")
    .update(key.export({ format: "der", type: "spki" }))
    .digest();
}

function distinguished({ CN, O }: Name): Uint8Array {
  const part = (id: string, value: string) => set(sequence(objectId(id), utf8(value)));
  return sequence(...(O ? [part(OID.organization, O)] : []), part(OID.commonName, CN));
}

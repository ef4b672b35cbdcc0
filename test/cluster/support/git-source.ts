import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "../../support/certificate.ts";
import { type GitHttpServer, serveGit } from "../../support/git/http-backend.ts";
import { BareRepository, type Contents } from "../../support/git-repository.ts";
import { type GitSshServer, type KeyType, makeKeyPair, startGitSsh } from "./git-ssh.ts";

export type Transport = "http" | "https" | "ssh";

export interface GitSourceOptions {
  /** Default `http`. The first two ask for a password, and the second has a certificate of a private authority. */
  readonly transport?: Transport;
  /** For `ssh`: what makes the deploy key; the default is that of `flux bootstrap`. */
  readonly key?: KeyType;
  readonly passphrase?: string;
}

/** One repository behind a real Git server, and what opens it. */
export interface GitSource {
  readonly repository: BareRepository;
  /** As a GitRepository has it. */
  readonly url: string;
  /** Data of a Secret that may push, with the keys Flux has for it. */
  readonly credential: Readonly<Record<string, string>>;
  /** The same for somebody who may only read; over HTTP it is the same one. */
  readonly readOnly: Readonly<Record<string, string>>;
  /** For `http` and `https`: tells what was asked, and lets a test step in. */
  readonly http: GitHttpServer | undefined;
  readonly ssh: GitSshServer | undefined;
  readonly close: () => Promise<void>;
}

/** Fills a new repository with these files, and serves it. */
export async function openGitSource(files: Contents, options: GitSourceOptions = {}): Promise<GitSource> {
  const { transport = "http" } = options;
  const root = await mkdtemp(join(tmpdir(), "reroll-fleet-"));
  try {
    const repository = await BareRepository.create(join(root, "fleet.git"));
    if (Object.keys(files).length > 0) await repository.commit(files, { message: "Begin" });
    const served = transport === "ssh" ? await overSsh(repository, options) : await overHttp(root, options);
    const close = async () => {
      await served.close();
      await rm(root, { recursive: true, force: true });
    };
    return { ...served, repository, close };
  } catch (error) {
    await rm(root, { recursive: true, force: true });
    throw error;
  }
}

type Served = Omit<GitSource, "repository">;

async function overHttp(root: string, { transport }: GitSourceOptions): Promise<Served> {
  const [username, password] = ["git", "a pass:word"];
  const authority = makeCertificate("a private authority");
  const tls = transport === "https" ? { tls: makeCertificate("git", ["127.0.0.1"], authority) } : {};
  const http = await serveGit(root, { basic: `${username}:${password}`, ...tls });
  const credential = { username, password, ...(transport === "https" && { "ca.crt": authority.cert }) };
  return { url: `${http.url}/fleet.git`, credential, readOnly: credential, http, ssh: undefined, close: http.close };
}

async function overSsh({ path }: BareRepository, { key = "ecdsa", passphrase }: GitSourceOptions): Promise<Served> {
  const [writer, reader] = [makeKeyPair(key, passphrase), makeKeyPair(key, passphrase)];
  const ssh = await startGitSsh({ readWrite: [writer.public], readOnly: [reader.public] });
  const secret = (identity: string) => ({
    identity,
    known_hosts: ssh.knownHosts,
    ...(passphrase !== undefined && { password: passphrase }),
  });
  const [credential, readOnly] = [secret(writer.identity), secret(reader.identity)];
  return { url: ssh.urlOf(path), credential, readOnly, http: undefined, ssh, close: ssh.close };
}

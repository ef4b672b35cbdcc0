import { gitContract } from "../../contract/git-contract.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { serveGit } from "../../support/git/http-backend.ts";
import { bareRepository } from "../../support/git/run.ts";
import { makeSshKey, serveGitBySsh } from "../../support/git/ssh-server.ts";

gitContract("git http-backend behind basic authentication", async () => {
  const repository = bareRepository();
  const server = await serveGit(repository.root, { basic: "git:s3cret" });
  return {
    url: `${server.url}/fleet.git`,
    credential: { basic: { username: "git", password: "s3cret" } },
    repository,
    close: () => server.close().finally(repository.remove),
  };
});

gitContract("git http-backend behind TLS of a private authority, with client certificates", async () => {
  const repository = bareRepository();
  const authority = makeCertificate("authority");
  const own = makeCertificate("server", ["127.0.0.1"], authority);
  const client = makeCertificate("client", [], authority);
  const tls = { cert: own.cert, key: own.key, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
  const server = await serveGit(repository.root, { tls });
  return {
    url: `${server.url}/fleet.git`,
    credential: { authority: authority.cert, client: { certificate: client.cert, key: client.key } },
    repository,
    close: () => server.close().finally(repository.remove),
  };
});

gitContract("git behind SSH", async () => {
  const repository = bareRepository();
  const key = makeSshKey("ed25519");
  const server = await serveGitBySsh(key, [makeSshKey("ecdsa")]);
  return {
    url: server.url(repository.path),
    credential: { ssh: { identity: key.private, knownHosts: server.knownHosts } },
    repository,
    close: () => server.close().finally(repository.remove),
  };
});

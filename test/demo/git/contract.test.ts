import { demoRepository } from "../../../src/demo/git/repository.ts";
import { startDemoGit } from "../../../src/demo/git/server.ts";
import { gitContract } from "../../contract/git-contract.ts";
import { onDisk } from "../../support/git/demo-repository.ts";

// It serves plain HTTP and knows basic authentication; TLS, client certificates and SSH are of the targets with the real git alone.
gitContract("the demo's Git server", async () => {
  const memory = demoRepository();
  const basic = { username: "git", password: "s3cret" };
  const server = await startDemoGit(memory, { basic });
  const repository = onDisk(memory, server);
  return { url: server.url, credential: { basic }, repository, close: () => server.close().finally(repository.remove) };
});

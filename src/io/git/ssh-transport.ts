import type { ClientChannel } from "ssh2";
import { GitError } from "../../model/git.ts";
import type { Remote } from "./address.ts";
import { flush, packetLength, packets } from "./pkt-line.ts";
import type { SshConnection } from "./ssh-connection.ts";
import type { Exchange, Limits, Transport } from "./transport.ts";
import { serverSaid } from "./words.ts";

/** Git over SSH (gitprotocol-pack, "SSH Transport"): one channel for one exchange with one service. */
export function createSshTransport(remote: Remote, connection: SshConnection, limits: Limits): Transport {
  const path = commandPath(remote.url);
  return {
    async open(service, version2, signal) {
      // Servers that do not accept the variable speak the old protocol.
      const environment: Record<string, string> = version2 ? { GIT_PROTOCOL: "version=2" } : {};
      const channel = await connection.exec(`${service} ${path}`, environment, signal);
      return openExchange(channel, limits);
    },
    close: async () => connection.close(),
  };
}

/** The path of the URL for a shell, as git passes it on: `/~user/x` is relative to a home. */
function commandPath(url: URL): string {
  let path = url.pathname;
  try {
    path = decodeURIComponent(path);
  } catch {
    throw new GitError("unsupported", "the path of the address is not readable");
  }
  const plain = path.startsWith("/~") ? path.slice(1) : path;
  if (/\p{Cc}/u.test(plain)) throw new GitError("unsupported", "the path of the address has control characters");
  return `'${plain.replace(/['!]/g, (each) => `'\\${each}'`)}'`;
}

async function openExchange(channel: ClientChannel, limits: Limits): Promise<Exchange> {
  let received: Buffer[] = [];
  let bytes = 0;
  let complaint = "";
  let ended = false;
  let failure: unknown;
  let wake = () => {};
  const finish = (error?: unknown) => {
    ended = true;
    failure ??= error;
    wake();
  };
  channel.on("data", (chunk: Buffer) => {
    received.push(chunk);
    bytes += chunk.length;
    if (bytes > limits.bytes) {
      finish(new GitError("too-large", `the answer has more than ${Math.round(limits.bytes / 1024 / 1024)} MiB`));
      channel.close();
    }
    wake();
  });
  channel.stderr.on("data", (chunk: Buffer) => {
    if (complaint.length < 8_192) complaint += chunk.toString();
  });
  channel.on("error", finish);
  channel.on("close", () => finish());

  async function until(done: () => boolean): Promise<void> {
    while (!ended && !done()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure !== undefined) throw failure;
  }
  const gathered = () => {
    const whole = Buffer.concat(received);
    received = [whole];
    return whole;
  };

  let end: number | undefined;
  await until(() => {
    end = endOfAnnouncement(gathered());
    return end !== undefined;
  });
  if (end === undefined) throw endedEarly(gathered(), complaint);
  const announced = gathered().subarray(0, end);
  received = [gathered().subarray(end)];
  return {
    announced,
    async request(body) {
      channel.end(body);
      await until(() => false);
      const answer = gathered();
      if (answer.length === 0) throw endedEarly(answer, complaint);
      return answer;
    },
    end() {
      if (ended) return;
      // Tells the service that nothing is wanted, so that it ends by itself.
      if (channel.writable) channel.end(flush);
      channel.close();
    },
  };
}

/** Where the first flush ends; `undefined` where it has not come yet. */
function endOfAnnouncement(received: Buffer): number | undefined {
  for (let at = 0; at + 4 <= received.length; ) {
    const length = packetLength(received.subarray(at, at + 4));
    if (length === 0) return at + 4;
    at += Math.max(length, 4);
  }
  return undefined;
}

function endedEarly(received: Buffer, complaint: string): GitError {
  const [first] = received.length === 0 ? [] : [...packets(received)];
  const line = first === undefined || typeof first.packet === "string" ? "" : String(first.packet);
  if (line.startsWith("ERR ")) return serverSaid(line.slice(4));
  return complaint.trim() === ""
    ? new GitError("unreachable", "the server ended the exchange without a word")
    : serverSaid(complaint);
}

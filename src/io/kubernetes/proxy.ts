import { BlockList, isIP } from "node:net";
import { UsageError } from "../../model/errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for one server: HTTPS_PROXY or HTTP_PROXY by the server's scheme, unless NO_PROXY names it or it is this machine.
 * NO_PROXY as Go reads it (`golang.org/x/net/http/httpproxy`), so that what works for kubectl works here: hosts with their subdomains,
 * `.suffix`, addresses, CIDR ranges, each with an optional port, or `*`. Undefined: none.
 */
export function proxyFromEnvironment(server: URL, environment: Environment): string | undefined {
  const read = (name: string) => environment[name] || environment[name.toLowerCase()] || undefined;
  const proxy = read(server.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (proxy === undefined || isLocal(server) || isExcluded(server, read("NO_PROXY") ?? "")) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

/** The proxy of the kubeconfig or else of the environment, if it is of a kind that can be used; otherwise a `UsageError`. */
export function chooseProxy(
  fromCluster: string | undefined,
  server: URL,
  environment: Environment,
): string | undefined {
  const proxy = fromCluster || proxyFromEnvironment(server, environment);
  if (proxy === undefined || (/^(https?|socks5?):/.test(proxy) && URL.canParse(proxy))) return proxy;
  const shown = proxy.replace(/\/\/[^/@]*@/, "//…@");
  throw new UsageError(`proxy ${shown}: only URLs of http, https and socks5 proxies are supported`);
}

/** Whether a URL leads to this machine. */
export function isLocal(server: URL): boolean {
  const host = bareHost(server);
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function isExcluded(server: URL, list: string): boolean {
  const port = server.port || (server.protocol === "https:" ? "443" : "80");
  return list.split(",").some((entry) => matches(entry.trim().toLowerCase(), bareHost(server), port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  if (entry.includes("/")) return inRange(host, entry);
  if (isIP(withoutBrackets(entry))) return withoutBrackets(entry) === host;
  const [, named = entry, wanted = port] = /^(.*):(\d+)$/.exec(entry) ?? [];
  if (wanted !== port) return false;
  const name = withoutBrackets(named).replace(/^\*(?=\.)/, "");
  return name.startsWith(".") ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}

function inRange(host: string, range: string): boolean {
  const [network = "", prefix = ""] = range.split("/");
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(prefix)) return false;
  if (Number(prefix) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), type);
  return list.check(host, type);
}

function bareHost(server: URL): string {
  return withoutBrackets(server.hostname.toLowerCase());
}

/** `[::1]` of a URL as `::1`. */
function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}

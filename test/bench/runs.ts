import type { RunJson } from "../../src/report/json.ts";
import type { TestClient } from "../cluster/harness/client.ts";
import { type Cost, measure, type Sent } from "./measure.ts";

/** Namespace of the state in the bench. */
export const home = "reroll-system";

/** A run as a user starts it: the bundle, the image's settings, no debug log. */
export async function runOnce(
  bundle: string,
  kubeconfig: string,
  args: readonly string[] = ["run"],
  env: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
): Promise<Cost> {
  const cost = await measure(
    [...options, bundle, ...args, "--kubeconfig", kubeconfig, "-o", "json", "--log-level", "warn"],
    env,
  );
  if (cost.exitCode !== 0) throw new Error(`reroll ${args.join(" ")} ended with ${cost.exitCode}:\n${cost.stderr}`);
  return cost;
}

/** The document a run printed. */
export function reportOf({ stdout }: Cost): RunJson {
  return JSON.parse(stdout) as RunJson;
}

const pathOnly = ({ path }: Sent) => path.replace(/\?.*$/, "");
const ofState = (sent: Sent) => pathOnly(sent).includes(`/namespaces/${home}/`);

/** Whether it is a page of a list over all namespaces. */
export function isListPage(sent: Sent): boolean {
  return sent.method === "GET" && !ofState(sent) && /[?&]limit=/.test(sent.path);
}

/** Whether it brings the content of ConfigMaps or Secrets, be it one or many; the state's own objects are none. */
export function bringsContent(sent: Sent): boolean {
  const isSource = /\/(?:configmaps|secrets)(?:\/|$)/.test(pathOnly(sent));
  return sent.method === "GET" && isSource && !ofState(sent) && !sent.accept?.includes("PartialObjectMetadata");
}

/** Whether it writes anything but the Lease. */
export function writes(sent: Sent): boolean {
  return sent.method !== "GET" && !sent.path.includes("/leases");
}

interface Stored {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** What the state holds, in bytes and objects. */
export async function stateSize(client: TestClient): Promise<{ readonly bytes: number; readonly objects: number }> {
  const path = `/api/v1/namespaces/${home}/configmaps?labelSelector=${encodeURIComponent("reroll.dev/state=true")}`;
  const found = await client.list<Stored>(path);
  const sizes = found.flatMap(({ data = {}, binaryData = {} }) => [
    ...Object.values(data).map((text) => Buffer.byteLength(text)),
    ...Object.values(binaryData).map((text) => Buffer.byteLength(text, "base64")),
  ]);
  return { objects: found.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Takes the state away, as somebody might by mistake. */
export async function loseState(client: TestClient): Promise<void> {
  const path = `/api/v1/namespaces/${home}/configmaps?labelSelector=${encodeURIComponent("reroll.dev/state=true")}`;
  const { status } = await client.request("DELETE", path);
  if (status !== 200) throw new Error(`DELETE ${path}: ${status}`);
}

/** The same suite on a real kube-apiserver: `npm run test:cluster` starts one. Without it nothing is registered here. */
import { setTimeout as sleep } from "node:timers/promises";
import { openCluster } from "../cluster/harness/client.ts";
import { clusterContract } from "./cluster-contract.ts";
import type { Answered, Target } from "./target.ts";

const kubeconfig = process.env.REROLL_TEST_KUBECONFIG;

async function open(): Promise<Target> {
  const client = openCluster(kubeconfig);
  const [namespace, other] = await Promise.all([
    client.createNamespace("contract"),
    client.createNamespace("contract"),
  ]);
  return {
    namespace,
    other,
    request: (method, path, body, headers) => client.request<Answered>(method, path, body, headers),
    nextSecond: () => sleep(1010 - (Date.now() % 1000)),
    close: () => client.close(),
  };
}

if (kubeconfig) clusterContract("a real kube-apiserver", open);

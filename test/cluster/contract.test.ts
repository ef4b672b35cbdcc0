/** The contract of the embedded API, on a real kube-apiserver. */
import { setTimeout as sleep } from "node:timers/promises";
import { clusterContract } from "../contract/cluster-contract.ts";
import type { Answered, Target } from "../contract/target.ts";
import { openCluster } from "./harness/client.ts";

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

clusterContract("a real kube-apiserver", open);

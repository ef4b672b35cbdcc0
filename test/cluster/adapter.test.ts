import { after } from "node:test";
import { describeAdapter } from "../io/kubernetes/adapter-suite.ts";
import { userKubeconfig } from "./harness/access.ts";
import { openCluster } from "./harness/client.ts";

const admin = openCluster();
after(() => admin.close());
const namespace = await admin.createNamespace("adapter");

await describeAdapter("the Kubernetes adapter on a real API server", {
  kubeconfig: process.env.REROLL_TEST_KUBECONFIG ?? "",
  namespace,
  createNamespace: (prefix) => admin.createNamespace(prefix),
  apply: (object) => admin.apply(object),
  listerOfConfigMaps: () => {
    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["list"] }];
    return userKubeconfig(admin, rules, { namespace, within: [namespace] });
  },
});

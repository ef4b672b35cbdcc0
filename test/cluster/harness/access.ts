/** Users with exactly the rights a test gives them, for finding out which rights something needs. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestClient } from "./client.ts";
import { readKubeconfig, renderKubeconfig } from "./kubeconfig.ts";
import type { Named } from "./paths.ts";

/** A rule of a Role or ClusterRole. */
export interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

export interface UserOptions {
  /** Where the service account lives. */
  namespace: string;
  /** A service account that may have rights already: it gets these in addition. Left out: a new one. */
  name?: string;
  /** The namespaces the rules hold in (Roles); left out: the whole cluster (a ClusterRole). */
  within?: string[];
  /** The kubeconfig of the admin, whose server the new one names as well. */
  kubeconfig?: string;
}

let users = 0;

/** Makes a service account with these rights and gives the path of a kubeconfig for it, which goes with the client. */
export async function userKubeconfig(admin: TestClient, rules: Rule[], options: UserOptions): Promise<string> {
  const { namespace, within, kubeconfig = process.env.REROLL_TEST_KUBECONFIG ?? "" } = options;
  const { name = `user-${++users}` } = options;
  await admin.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } });
  for (const object of rightsOf(name, rules, namespace, within)) {
    await admin.apply(object);
    if (!object.metadata.namespace) admin.onClose(() => admin.remove(object, { wait: false }));
  }
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const { body } = await admin.request<{ status: { token: string } }>("POST", path, { spec: {} });
  const { server, authority } = readKubeconfig(kubeconfig);
  const directory = await mkdtemp(join(tmpdir(), "reroll-user-"));
  admin.onClose(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, "kubeconfig");
  await writeFile(file, renderKubeconfig({ server, authority, token: body.status.token, namespace }), { mode: 0o600 });
  await untilGranted(admin, `system:serviceaccount:${namespace}:${name}`, rules, within);
  return file;
}

function rightsOf(name: string, rules: Rule[], namespace: string, within: string[] | undefined): Named[] {
  const apiGroup = "rbac.authorization.k8s.io";
  const apiVersion = `${apiGroup}/v1`;
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const pair = (prefix: string, metadata: Named["metadata"]): Named[] => {
    const roleRef = { apiGroup, kind: `${prefix}Role`, name: metadata.name };
    return [
      { apiVersion, kind: `${prefix}Role`, metadata, rules } as Named,
      { apiVersion, kind: `${prefix}RoleBinding`, metadata, roleRef, subjects } as Named,
    ];
  };
  if (!within) return pair("Cluster", { name: `${namespace}-${name}` });
  return within.flatMap((space) => pair("", { name: `${namespace}-${name}`, namespace: space }));
}

/** The API server hears of new rights a moment after they were written. */
async function untilGranted(admin: TestClient, user: string, rules: Rule[], within: string[] = [""]): Promise<void> {
  for (const { apiGroups, resources, verbs, resourceNames } of rules) {
    for (const namespace of within) {
      const resourceAttributes = {
        ...(namespace && { namespace }),
        group: apiGroups[0],
        resource: resources[0]?.split("/")[0],
        subresource: resources[0]?.split("/")[1],
        verb: verbs[0],
        name: resourceNames?.[0],
      };
      const review = { spec: { user, groups: ["system:authenticated"], resourceAttributes } };
      await admin.waitFor(
        async () => {
          const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
          const { body } = await admin.request<{ status: { allowed: boolean } }>("POST", path, review);
          return body.status.allowed;
        },
        { what: `${user} to be allowed to ${verbs[0]} ${resources[0]}` },
      );
    }
  }
}

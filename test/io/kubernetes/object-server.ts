import { json, refuse, startServer } from "../../support/http-server.ts";

type Stored = {
  metadata: { name: string; namespace: string; resourceVersion?: string } & Record<string, unknown>;
} & Record<string, unknown>;

/** Objects by path, with the optimistic locking of the API server and nothing else of it. Namespaces exist when named here. */
export async function startObjectServer(namespaces: readonly string[]) {
  const objects = new Map<string, Stored>();
  let version = 100;
  const keep = (path: string, object: Stored) => {
    version += 1;
    const metadata = { ...object.metadata, uid: path, resourceVersion: String(version) };
    objects.set(path, { ...object, metadata });
    return objects.get(path);
  };
  const server = await startServer(({ method, url, body }, response) => {
    const [path = ""] = url.split("?");
    const [, namespace = "", name] = /namespaces\/([^/]+)(?:\/[^/]+(?:\/([^/]+))?)?$/.exec(path) ?? [];
    const sent = body ? (JSON.parse(body) as Stored & { preconditions?: { resourceVersion?: string } }) : undefined;
    const found = objects.get(path);
    const stale = (wanted: string | undefined) => wanted !== undefined && wanted !== found?.metadata.resourceVersion;
    if (path.endsWith(`/namespaces/${namespace}`)) {
      const metadata = { name: namespace, uid: namespace, resourceVersion: "1" };
      return namespaces.includes(namespace) ? json(response, { metadata }) : refuse(response, 404, "NotFound");
    }
    if (method === "POST" && sent) {
      if (!namespaces.includes(namespace)) return refuse(response, 404, "NotFound");
      const target = `${path}/${sent.metadata.name}`;
      return objects.has(target) ? refuse(response, 409, "AlreadyExists") : json(response, keep(target, sent), 201);
    }
    if (method === "GET" && name === undefined) {
      const items = [...objects].filter(([key]) => key.startsWith(`${path}/`)).map(([, object]) => object);
      return json(response, { metadata: { resourceVersion: String(version) }, items });
    }
    if (found === undefined) return refuse(response, 404, "NotFound");
    if (method === "PUT" && sent) {
      if (stale(sent.metadata.resourceVersion)) return refuse(response, 409, "Conflict");
      return json(response, keep(path, sent));
    }
    if (method === "DELETE") {
      if (stale(sent?.preconditions?.resourceVersion)) return refuse(response, 409, "Conflict");
      objects.delete(path);
      return json(response, { kind: "Status", status: "Success" });
    }
    json(response, found);
  });
  const put = (path: string, more: Record<string, unknown>) => {
    const [, namespace = "", name = ""] = /namespaces\/([^/]+)\/[^/]+\/([^/]+)$/.exec(path) ?? [];
    keep(path, { metadata: { name, namespace }, ...more });
  };
  return { ...server, objects, put };
}

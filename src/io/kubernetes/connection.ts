/** What authenticates one call. */
export interface Credential {
  /** Value of the Authorization header. */
  readonly authorization?: string | undefined;
  /** Client certificate and its key, PEM. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Where credentials come from: a value, a file that rotates, a plugin. */
export interface Credentials {
  /** The credential to use now. Fails with a `PortError` (`unauthorized`, `timeout`) or a `UsageError`. */
  current(): Promise<Credential>;
  /** Forgets what is cached, because the API server answered 401. False where nothing newer can come. */
  refresh(): boolean;
}

/** How a TLS server is recognised. */
interface TlsTrust {
  /** PEM; undefined: the roots Node ships. */
  readonly ca: string | undefined;
  /** Name asked for and checked instead of the host. */
  readonly serverName: string | undefined;
  readonly insecure: boolean;
}

/** Everything needed to reach one API server: the outcome of reading a kubeconfig or a pod's service account. */
export interface Connection {
  /** Base URL without a slash at its end; may have a path. */
  readonly server: string;
  readonly trust: TlsTrust;
  readonly credentials: Credentials;
  /** Impersonation headers. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Proxy to go through, already decided from kubeconfig and environment. */
  readonly proxy: string | undefined;
  /** Namespace of the context or of the pod. */
  readonly namespace: string | undefined;
  readonly inCluster: boolean;
  /** Where this was read from, for people: `context dev of /home/me/.kube/config`. */
  readonly origin: string;
}

/** No credential at all: `kubectl proxy`, the demo. */
export const anonymous: Credentials = {
  current: () => Promise.resolve({}),
  refresh: () => false,
};

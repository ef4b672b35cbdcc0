import type { User } from "@kubernetes/client-node/dist/config_types.js";
import { PortError } from "../../model/errors.ts";
import type { Credential, Credentials } from "./connection.ts";

/** Credentials of the `oidc` auth-provider: the id token, renewed with the refresh token where one is given. */
export function oidcCredentials(user: User, certificate: Credential): Credentials {
  const headers: Record<string, string> = {};
  const load = async () => {
    // Only its users pay for it: it evaluates all of client-node.
    const { OpenIDConnectAuth } = await import("@kubernetes/client-node/dist/oidc_auth.js");
    return new OpenIDConnectAuth();
  };
  let authenticator: ReturnType<typeof load> | undefined;
  return {
    async current() {
      authenticator ??= load();
      try {
        await (await authenticator).applyAuthentication(user, { headers });
      } catch (error) {
        throw new PortError("unauthorized", `kubeconfig user ${user.name}: its OIDC token could not be renewed`, {
          cause: error,
        });
      }
      return { ...certificate, authorization: headers.Authorization };
    },
    refresh: () => false,
  };
}

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Access } from "../cluster/harness/kubeconfig.ts";

/** The arguments that let curl in, with the files they name. */
export function curlCredentials({ authority, certificate, key }: Access, folder: string): string[] {
  const file = (name: string, content: string | undefined, flag: string): string[] => {
    if (!content) return [];
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return [flag, path];
  };
  return [
    ...file("ca.crt", authority, "--cacert"),
    ...file("client.crt", certificate, "--cert"),
    ...file("client.key", key, "--key"),
  ];
}

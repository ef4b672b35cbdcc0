import { spawn } from "node:child_process";
import { PortError } from "../../model/errors.ts";
import { dig, text } from "../../model/object.ts";
import type { Credential } from "./connection.ts";

/** A command that prints an ExecCredential. */
export interface Plugin {
  /** Names it in messages. */
  readonly where: string;
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Shown where the command is not there. */
  readonly hint: string | undefined;
}

/** What a plugin gave, and until when it holds (milliseconds since the epoch, infinite where it does not say). */
export interface Issued {
  readonly credential: Credential;
  readonly expires: number;
}

const limit = 60_000;

/** Runs the plugin once. Fails with `unauthorized` or `timeout`; what the plugin printed on stdout is in no message. */
export async function runPlugin(plugin: Plugin): Promise<Issued> {
  const output = await capture(plugin);
  let credential: unknown;
  try {
    credential = JSON.parse(output);
  } catch {
    throw failed(plugin, "its output is no JSON");
  }
  if (dig(credential, "kind") !== "ExecCredential" || dig(credential, "apiVersion") !== plugin.apiVersion) {
    throw failed(plugin, `its output is no ExecCredential of ${plugin.apiVersion}`);
  }
  const field = (name: string) => text(dig(credential, "status", name)) || undefined;
  const token = field("token");
  const cert = field("clientCertificateData");
  const key = field("clientKeyData");
  if (token === undefined && (cert === undefined || key === undefined)) {
    throw failed(plugin, "its output has neither a token nor a certificate with its key");
  }
  const expires = Date.parse(field("expirationTimestamp") ?? "");
  return {
    credential: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
    },
    expires: Number.isFinite(expires) ? expires : Number.POSITIVE_INFINITY,
  };
}

function capture(plugin: Plugin): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(plugin.command, [...plugin.args], {
    env: plugin.environment,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: limit,
    killSignal: "SIGKILL",
  });
  let output = "";
  let complaint = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    complaint = (complaint + chunk).slice(-500);
  });
  child.on("error", (error: NodeJS.ErrnoException) => {
    const hint = plugin.hint ? `. ${plugin.hint}` : "";
    reject(failed(plugin, `${plugin.command} cannot be run (${error.code ?? error.message})${hint}`, error));
  });
  child.on("close", (code, signal) => {
    if (code === 0) return resolve(output);
    if (signal === "SIGKILL") {
      return reject(new PortError("timeout", `${plugin.where}: ${plugin.command} did not end in time`));
    }
    const said = complaint.trim();
    reject(failed(plugin, `${plugin.command} ended with ${signal ?? `code ${code}`}${said ? `: ${said}` : ""}`));
  });
  return promise;
}

function failed(plugin: Plugin, why: string, cause?: unknown): PortError {
  return new PortError("unauthorized", `${plugin.where}: ${why}`, { cause });
}

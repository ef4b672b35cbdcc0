import { PortError } from "../model/errors.ts";
import { exitOf } from "../run/prepare.ts";
import { type Finding, fine, type Patient, problem, warning } from "./doctor-finding.ts";

/** Clocks that differ by more than this make times in the log and in the state misleading. Milliseconds. */
const worstSkew = 30_000;

/** Whether the API server answers, what it is, and how long it takes. */
export async function checkServer({ ports: { cluster, clock }, server }: Patient): Promise<Finding> {
  const name = "API server";
  const begun = clock.now();
  try {
    const version = await cluster.version();
    return fine(name, `${server} is Kubernetes ${version} and answers in ${clock.now() - begun} ms`);
  } catch (error) {
    if (!(error instanceof PortError) || error.code === "aborted") throw error;
    const refused = exitOf(error) === 3;
    const advice = refused
      ? "Check the credentials: the token, the certificate, or the plugin of the kubeconfig."
      : "Check the address and the context (--kubeconfig, --context), the network, and the certificate authority.";
    return problem(name, error.message, advice, exitOf(error));
  }
}

/** How far this machine's clock is from the API server's. Locks and freshness go by the API server's, so that skew never misleads a run. */
export async function checkClock({ ports: { cluster, clock } }: Patient): Promise<Finding> {
  const name = "clock";
  const theirs = cluster.serverTime();
  if (theirs === undefined) {
    return warning(
      name,
      "the API server did not tell its time",
      "Check what stands between: the answers have no Date header.",
    );
  }
  const ahead = clock.now() - theirs;
  const seconds = Math.round(Math.abs(ahead) / 1000);
  if (Math.abs(ahead) <= worstSkew)
    return fine(name, seconds <= 1 ? "as the API server's" : `${seconds} s from the API server's`);
  return warning(
    name,
    `this machine is ${seconds} s ${ahead > 0 ? "ahead of" : "behind"} the API server`,
    "Set one of the two clocks right. Decisions go by the API server's clock, but times in the log go by this one.",
  );
}

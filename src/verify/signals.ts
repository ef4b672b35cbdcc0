import { dig, number, text } from "../model/object.ts";

/** What the kubelet says about one container: an entry of `containerStatuses` or `initContainerStatuses`. */
export interface Container {
  readonly name: string;
  readonly restarts: number;
  readonly waiting: { readonly reason: string; readonly message: string };
  /** How the running or the former instance ended; the newest first. */
  readonly ends: readonly { readonly reason: string; readonly exitCode: number | undefined }[];
}

/** A sign that a container will not come up: a new row is a new sign. */
export interface Signal {
  readonly id: string;
  /** How long it must stay, milliseconds, before it is believed. 0: at first sight. */
  readonly confirm: number;
  /** What people call it, in the kubelet's words; `undefined`: the container does not show it. */
  find(container: Container): string | undefined;
  /** The kubelet's own message is safe and useful. A message of the container itself may hold anything. */
  readonly tell?: true;
}

const cacheNotSynced = /failed to sync .* cache/;
const imageIsNotThere = /not found|manifest unknown|name unknown|unauthorized|denied/i;
const pulling = ["ErrImagePull", "ImagePullBackOff"];
const notStarted = ["RunContainerError", "CreateContainerError"];
const cannotRun = ["StartError", "ContainerCannotRun"];
/** The exit code the runtime invents where the node was in trouble; krane makes the same exception. */
const runtimeTrouble = 128;

const waitsFor = (reasons: readonly string[]) => (container: Container) =>
  reasons.includes(container.waiting.reason) ? container.waiting.reason : undefined;

/** Every sign, by what the kubelet writes (`kubelet/images/types.go`, `kubelet/container/sync_result.go`). */
export const signals: readonly Signal[] = [
  {
    id: "config",
    confirm: 5_000,
    find: (container) =>
      cacheNotSynced.test(container.waiting.message) ? undefined : waitsFor(["CreateContainerConfigError"])(container),
    tell: true,
  },
  { id: "image-name", confirm: 0, find: waitsFor(["InvalidImageName", "ErrImageNeverPull"]), tell: true },
  {
    id: "image-missing",
    confirm: 0,
    find: (container) => (imageIsNotThere.test(container.waiting.message) ? waitsFor(pulling)(container) : undefined),
    tell: true,
  },
  { id: "image-pull", confirm: 60_000, find: waitsFor(pulling), tell: true },
  {
    id: "out-of-memory",
    confirm: 0,
    find: ({ ends, restarts }) => {
      const killed = ends.filter(({ reason }) => reason === "OOMKilled").length;
      return killed >= 2 || (killed === 1 && restarts >= 2) ? "OOMKilled" : undefined;
    },
  },
  { id: "crash-loop", confirm: 0, find: waitsFor(["CrashLoopBackOff"]) },
  {
    id: "restarts",
    confirm: 0,
    find: ({ ends, restarts }) =>
      restarts >= 3 && (ends.at(-1)?.exitCode ?? 0) !== 0 ? "ContainerRestarts" : undefined,
  },
  {
    id: "start",
    confirm: 30_000,
    find: (container) => {
      if (container.ends.some(({ exitCode }) => exitCode === runtimeTrouble)) return undefined;
      return waitsFor(notStarted)(container) ?? container.ends.find(({ reason }) => cannotRun.includes(reason))?.reason;
    },
  },
];

function end(state: unknown) {
  const terminated = dig(state, "terminated");
  return terminated
    ? [{ reason: text(dig(terminated, "reason")) ?? "", exitCode: number(dig(terminated, "exitCode")) }]
    : [];
}

/** Reads one container status; `undefined` for a container that is ready or has done its work: it came up, whatever happened before. */
export function readContainer(status: Record<string, unknown>): Container | undefined {
  if (status.ready === true || dig(status.state, "terminated", "exitCode") === 0) return undefined;
  return {
    name: text(status.name) ?? "",
    restarts: number(status.restartCount) ?? 0,
    waiting: {
      reason: text(dig(status.state, "waiting", "reason")) ?? "",
      message: text(dig(status.state, "waiting", "message")) ?? "",
    },
    ends: [...end(status.state), ...end(status.lastState)],
  };
}

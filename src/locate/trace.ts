import type { Refusal, RefusalCode } from "../model/refusals.ts";
import type { Leaf, Problem } from "./definition.ts";
import { type Limits, Refused } from "./limits.ts";
import { isRemote } from "./path.ts";

/** What one walk came by, apart from the objects. */
export class Trace {
  readonly files = new Set<string>();
  readonly leaves: Leaf[] = [];
  readonly problems: Problem[] = [];
  readonly #limits: Limits;
  #objects = 0;
  #tries = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  problem(code: RefusalCode, path: string, what: string): undefined {
    const message = `${path || "The root of the repository"} ${what}`;
    if (!this.problems.some(({ refusal }) => refusal.message === message))
      this.problems.push({ refusal: { code, message }, path });
    return undefined;
  }

  /** An entry of a kustomization that leads to nothing of the tree. `target` is its path, where that is inside of the repository. */
  missing(entry: string, from: string, target: string | undefined, refusal: Refusal | undefined): void {
    if (refusal) this.leaves.push({ refusal, kustomization: from, entry });
    else if (isRemote(entry)) {
      const message = `${from} takes ${entry} from elsewhere: what is defined there can be patched here, not edited`;
      this.leaves.push({ refusal: { code: "REMOTE_BASE", message }, kustomization: from, entry });
    } else if (target === undefined)
      this.problem("OUTSIDE_REPOSITORY", from, `names ${entry}, which is outside of the repository`);
    else this.problem("NOT_FOUND", from, `names ${entry}, which is not there`);
  }

  generated(from: string, field: string, name: string): void {
    const message = `${field} of ${from} makes ${name || "objects"}: there is no definition to edit`;
    this.leaves.push({
      refusal: { code: "GENERATED", message },
      kustomization: from,
      entry: `${field} ${name}`.trim(),
    });
  }

  /** Counts an object or a folder, each as often as it is included. */
  count(where: string): void {
    this.#objects += 1;
    if (this.#objects <= this.#limits.objects) return;
    const message = `Building ${where || "the repository"} takes more than ${this.#limits.objects} objects and folders, where reroll stops. Restart its workloads in direct mode.`;
    throw new Refused({ code: "TOO_LARGE", message });
  }

  /** Counts a patch that is held against objects. */
  tried(objects: number, where: string): void {
    this.#tries += objects;
    if (this.#tries <= this.#limits.patchTries) return;
    const message = `Building ${where} holds its patches against more than ${this.#limits.patchTries} objects, where reroll stops. Restart its workloads in direct mode.`;
    throw new Refused({ code: "TOO_LARGE", message });
  }

  depth(levels: number, directory: string): void {
    if (levels <= this.#limits.depth) return;
    const message = `${directory} is nested deeper than the ${this.#limits.depth} levels that reroll follows. Restart its workloads in direct mode.`;
    throw new Refused({ code: "TOO_LARGE", message });
  }
}

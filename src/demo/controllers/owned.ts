import type { Stored } from "../object.ts";
import type { Change } from "../store.ts";

/** Which objects each object controls, kept up to date from the writes. */
export class Owned {
  readonly #byOwner = new Map<string, Map<string, Stored>>();

  /** Takes a write into account. */
  note({ before, after }: Change): void {
    const owner = controllerOf(before);
    if (before && owner !== undefined && controllerOf(after) !== owner) this.#drop(owner, before.metadata.uid);
    const now = controllerOf(after);
    if (after && now !== undefined) this.#of(now).set(after.metadata.uid, after);
  }

  /** The objects of a kind that the one with this uid controls, oldest first. */
  of(uid: string, kind: string): Stored[] {
    return [...(this.#byOwner.get(uid)?.values() ?? [])].filter((object) => object.kind === kind);
  }

  /** Everything it controls. */
  all(uid: string): Stored[] {
    return [...(this.#byOwner.get(uid)?.values() ?? [])];
  }

  #of(uid: string): Map<string, Stored> {
    let owned = this.#byOwner.get(uid);
    if (!owned) {
      owned = new Map();
      this.#byOwner.set(uid, owned);
    }
    return owned;
  }

  #drop(owner: string, uid: string): void {
    const owned = this.#byOwner.get(owner);
    owned?.delete(uid);
    if (owned?.size === 0) this.#byOwner.delete(owner);
  }
}

/** The uid of the object's controller (`metav1.GetControllerOf`). */
export function controllerOf(object: Stored | undefined): string | undefined {
  return object?.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
}

import type { Stored } from "./object.ts";
import { resourceRows } from "./resources.ts";
import type { Store } from "./store.ts";
import { controllerManager, type Writes } from "./write.ts";

/** Takes the object out of the owner references of everything that names it, as the garbage collector does before an owner goes alone. */
export function letGo(store: Store, writes: Writes, owner: Stored): void {
  const { uid, namespace } = owner.metadata;
  for (const resource of resourceRows) {
    for (const object of store.all(resource)) {
      const { ownerReferences = [], name } = object.metadata;
      if (object.metadata.namespace !== namespace || !ownerReferences.some((each) => each.uid === uid)) continue;
      const left = ownerReferences.filter((each) => each.uid !== uid);
      const metadata = { ...object.metadata, ownerReferences: left };
      writes.update(resource, namespace, name, { ...object, metadata }, { manager: controllerManager });
    }
  }
}

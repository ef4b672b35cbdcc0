import type { Digester } from "../model/digest.ts";
import type { KeyDigests, MountedClass, Sight, SourceHeader } from "../model/source.ts";
import { equalDigests } from "../model/source.ts";
import type { SourceRecord } from "../model/state.ts";
import { classContent } from "./class-content.ts";

const unobserved: Sight = { is: "unobserved" };

/**
 * A SecretProviderClass as this run sees it, by what pods have mounted of it. Where that shows nothing new, it is as it was known, also when
 * no pod is left. Unobserved: nobody could look, or no pod ever mounted it. `keyIds` are those under which something is to be compared.
 */
export function sightOfClass(
  header: SourceHeader,
  previous: SourceRecord | undefined,
  keyIds: ReadonlySet<string>,
  digester: Digester,
): Sight {
  const { mounted, ...rest } = header;
  if (!mounted) return unobserved;
  const digest = (id: string, objects: MountedClass["objects"]): KeyDigests =>
    digester.body(id, "SecretProviderClass", { metadata: { ...metadataOf(header) }, objects });
  const known = previous && digester.knows(previous.keyId) ? previous : undefined;
  const isKnown = (objects: MountedClass["objects"]) =>
    known !== undefined && equalDigests(known.digests, digest(known.keyId, objects));
  const knownAt = known?.rotatedAt === undefined ? 0 : Date.parse(known.rotatedAt);
  const content = classContent(mounted, known && { is: isKnown, rotatedAt: knownAt, version: known.resourceVersion });
  const ids = [...new Set([digester.currentId, ...keyIds])].filter((id) => digester.knows(id));
  const rotatedAt = content?.rotatedAt ?? knownAt;
  const present = (digests: ReadonlyMap<string, KeyDigests>, resourceVersion: string): Sight => ({
    is: "present",
    source: { ...rest, resourceVersion, lastWrite: rotatedAt, rotatedAt, digests },
  });
  const all = (objects: MountedClass["objects"]) => new Map(ids.map((id) => [id, digest(id, objects)]));
  if (content) return present(all(content.objects), content.version);
  if (!known) return unobserved;
  if (ids.every((id) => id === known.keyId))
    return present(new Map([[known.keyId, known.digests]]), known.resourceVersion);
  // Digests under another key take the content itself, which some pod may still have.
  const holder = mounted.find(({ objects }) => isKnown(objects));
  return holder ? present(all(holder.objects), known.resourceVersion) : unobserved;
}

function metadataOf({ ref, uid, resourceVersion }: SourceHeader) {
  return { name: ref.name, namespace: ref.namespace, uid, resourceVersion };
}

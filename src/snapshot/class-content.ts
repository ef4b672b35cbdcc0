import { equalPlain } from "../model/equal.ts";
import type { MountedClass } from "../model/source.ts";
import { isOlder } from "./version-order.ts";

/** What is known of a class's content from earlier runs. */
export interface KnownContent {
  readonly is: (objects: MountedClass["objects"]) => boolean;
  /** When it was last seen to be rotated, milliseconds since the epoch; 0: never. */
  readonly rotatedAt: number;
  /** Resource version of the status that showed it. */
  readonly version: string;
}

/** The content of a class as this run sees it. */
export interface ClassContent {
  readonly objects: MountedClass["objects"];
  readonly rotatedAt: number;
  readonly version: string;
}

/**
 * The content of a SecretProviderClass, told by what pods have mounted of it; `undefined`: nothing shows that it is another one than was
 * known. Order of `mounted` does not matter.
 *
 * A rotation is a status that is written again while its pod runs. The newest one later than the last known decides, so that half-way
 * through a rotation the new content counts, and pods that are scaled away never bring an old one back. A pod that starts has read what it
 * mounts, so its status alone is no rotation: pods that are behind it will show theirs, and until then nothing may be taken for rolled out.
 * Only where every pod started since the last rotation, and all with the same content, is nobody behind. Where nothing is known and nothing was ever
 * rotated, the oldest pod speaks, for the same reason.
 */
export function classContent(
  mounted: readonly MountedClass[],
  known: KnownContent | undefined,
): ClassContent | undefined {
  const oldest = [...mounted].sort(byCreation)[0];
  if (!oldest) return undefined;
  const rotations = mounted.filter((each) => each.writtenAt > each.createdAt && isNews(each, known)).sort(byWrite);
  const newest = rotations.at(-1);
  if (newest) {
    if (known?.is(newest.objects)) return undefined;
    const first = rotations.find(({ objects }) => equalPlain(objects, newest.objects)) ?? newest;
    return { objects: newest.objects, rotatedAt: first.writtenAt, version: newest.resourceVersion };
  }
  if (!known) return { objects: oldest.objects, rotatedAt: 0, version: oldest.resourceVersion };
  const nobodyBehind = mounted.every(
    ({ createdAt, writtenAt, objects }) =>
      createdAt === writtenAt && createdAt > known.rotatedAt && equalPlain(objects, oldest.objects),
  );
  if (!nobodyBehind || known.is(oldest.objects)) return undefined;
  return { objects: oldest.objects, rotatedAt: known.rotatedAt, version: known.version };
}

/** Times have a resolution of one second; within it the resource version tells. */
function isNews({ writtenAt, resourceVersion }: MountedClass, known: KnownContent | undefined): boolean {
  if (!known || writtenAt > known.rotatedAt) return true;
  return writtenAt === known.rotatedAt && isOlder(known.version, resourceVersion);
}

function byCreation(a: MountedClass, b: MountedClass): number {
  return a.createdAt - b.createdAt || byVersion(a, b);
}

function byWrite(a: MountedClass, b: MountedClass): number {
  return a.writtenAt - b.writtenAt || byVersion(a, b);
}

function byVersion({ resourceVersion: a }: MountedClass, { resourceVersion: b }: MountedClass): number {
  return isOlder(a, b) ? -1 : isOlder(b, a) ? 1 : 0;
}

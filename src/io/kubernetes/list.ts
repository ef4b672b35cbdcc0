import type { Resource } from "../../model/kinds.ts";
import { dig, type KubeObject, text } from "../../model/object.ts";
import type { ListOptions, Page } from "../../ports.ts";
import { listBody } from "./body.ts";
import { partialObjectList } from "./conventions.ts";
import { type Attempt, badAnswer } from "./errors.ts";
import { isObject, onlyMetadata } from "./objects.ts";
import { queryString, resourcePath, routeOf } from "./paths.ts";
import type { Rest } from "./rest.ts";

/** Objects in one page. Metadata: what client-go and kubectl use. Whole objects: few enough that a page of large ones fits into little memory. */
const pageSizes = { metadata: 500, whole: 100 } as const;

/**
 * A consistent list in pages (`limit` and `continue`, without `resourceVersion`: the newest there is). All pages are of one
 * resourceVersion. When the server no longer has it (410) the list fails with `expired`: pages already handed out cannot be taken back.
 */
export async function* listPages<Kept = KubeObject>(
  rest: Rest,
  resource: Resource,
  options: ListOptions,
  take: (item: KubeObject) => readonly Kept[] = (item) => [item as Kept],
): AsyncIterable<Page<Kept>> {
  const { namespace, labelSelector, fieldSelector, metadataOnly } = options;
  const right = {
    verb: "list",
    group: resource.group,
    resource: resource.plural,
    ...(namespace === undefined ? {} : { namespace }),
  };
  const path = resourcePath(resource, namespace);
  const takeItem = (item: unknown) =>
    isObject(item) && { uid: item.metadata.uid, kept: take(metadataOnly ? onlyMetadata(item) : item) };
  let next: string | undefined;
  let version: string | undefined;
  const advancing = progress();
  do {
    const { body } = await rest.call({
      method: "GET",
      path:
        path +
        queryString({
          limit: metadataOnly ? pageSizes.metadata : pageSizes.whole,
          labelSelector,
          fieldSelector,
          continue: next,
        }),
      route: routeOf(resource, namespace),
      right,
      repeatable: true,
      confidential: false,
      reader: () => (metadataOnly ? listBody(takeItem, "fieldsV1") : listBody(takeItem)),
      ...(metadataOnly ? { accept: partialObjectList } : {}),
    });
    const page = readPage<Kept>({ right }, body, metadataOnly === true);
    if (version !== undefined && page.resourceVersion !== version) {
      throw badAnswer({ right }, "the pages of the list are of different resourceVersions");
    }
    version = page.resourceVersion;
    next = text(dig(body, "metadata", "continue")) || undefined;
    if (!advancing(page.first, next)) throw badAnswer({ right }, "the pages of the list come again and never end");
    yield { items: page.items, resourceVersion: version };
  } while (next !== undefined);
}

/** Pages without an object that the API server may send one after the other, although etcd's store never does. */
const emptyPages = 100;

/** Whether a list gets anywhere: no token and no first object of a page comes a second time. `first` is the uid of that object. */
function progress(): (first: string | undefined, next: string | undefined) => boolean {
  const seen = new Set<string>();
  let empty = 0;
  return (first, next) => {
    const marks = [first && `uid ${first}`, next && `token ${next}`].filter((mark) => mark !== undefined);
    empty = first === undefined ? empty + 1 : 0;
    const again = marks.some((mark) => seen.has(mark));
    for (const mark of marks) seen.add(mark);
    return !again && empty <= emptyPages;
  };
}

/** What was kept of one item, or that it was no object. */
type Taken<Kept> = false | { readonly uid: string; readonly kept: readonly Kept[] };

function readPage<Kept>(
  attempt: Pick<Attempt, "right">,
  body: Readonly<Record<string, unknown>>,
  metadataOnly: boolean,
): Page<Kept> & { readonly first: string | undefined } {
  const resourceVersion = text(dig(body, "metadata", "resourceVersion"));
  // The API server writes an empty list of metadata as null (a nil slice of meta/v1.PartialObjectMetadataList).
  const items: unknown = metadataOnly && body.items === null ? [] : body.items;
  if (!resourceVersion) throw badAnswer(attempt, "the list has no resourceVersion");
  if (!Array.isArray(items)) throw badAnswer(attempt, "the list has no items");
  const taken = (items as readonly Taken<Kept>[]).flatMap((item) => {
    if (!item) throw badAnswer(attempt, "the list holds something that is no Kubernetes object");
    return item.kept;
  });
  const [first] = items as readonly Taken<Kept>[];
  return { items: taken, resourceVersion, first: first ? first.uid : undefined };
}

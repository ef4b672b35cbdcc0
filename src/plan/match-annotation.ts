import type { AnnotationName } from "../model/annotations.ts";
import type { DecidingAnnotation, SourceFacts } from "../model/decision.ts";
import type { SourceKind } from "../model/ref.ts";
import type { AnnotationRead, Directives } from "../model/workload.ts";

/** What a directive is called for each kind of source. */
const names = {
  auto: { ConfigMap: "auto", Secret: "auto", SecretProviderClass: "auto" },
  typedAuto: { ConfigMap: "configmapAuto", Secret: "secretAuto", SecretProviderClass: "csiAuto" },
  reload: { ConfigMap: "configmapReload", Secret: "secretReload", SecretProviderClass: "csiReload" },
  exclude: { ConfigMap: "configmapExclude", Secret: "secretExclude", SecretProviderClass: "csiExclude" },
  search: { ConfigMap: "search", Secret: "search", SecretProviderClass: "search" },
  narrowMatch: { ConfigMap: "narrowMatch", Secret: "narrowMatch", SecretProviderClass: "narrowMatch" },
  narrowKind: { ConfigMap: "narrowKind", Secret: "narrowKind", SecretProviderClass: "narrowKind" },
} as const satisfies Record<string, Record<SourceKind, AnnotationName>>;

/** A directive, whatever the kind of source it speaks about. */
export type Directive = keyof typeof names;

/** The annotation that stands behind a directive: the one that decides, of the object asked for or else of either. */
export function findAnnotation(
  directives: Directives,
  kind: SourceKind,
  directive: Directive,
  from?: AnnotationRead["from"],
  accept: (value: string) => boolean = () => true,
): DecidingAnnotation | undefined {
  const seen = new Set<string>();
  const deciding = directives.read.filter((read) => {
    const place = `${read.from} ${read.name}`;
    const first = !seen.has(place);
    seen.add(place);
    return first && read.name === names[directive][kind] && (!from || read.from === from);
  });
  const read = deciding.find(({ value }) => accept(value));
  return read && { key: read.key, value: read.value, from: read.from };
}

/** The first of several keys that a source carries; `undefined` where it carries none or its annotations are not known. */
export function sourceAnnotation(source: SourceFacts, keys: readonly string[]): DecidingAnnotation | undefined {
  const { annotations } = source;
  const key = annotations && keys.find((each) => Object.hasOwn(annotations, each));
  return key === undefined || annotations === undefined
    ? undefined
    : { key, value: annotations[key] ?? "", from: "source" };
}

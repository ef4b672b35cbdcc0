import manifest from "../../package.json" with { type: "json" };

/** What runs here: reroll, Node, and the time zone data that windows will be read by. */
export interface VersionReport {
  readonly reroll: string;
  readonly node: string;
  readonly tzdata: string;
}

/** `versions` is `process.versions`. */
export function version(versions: Readonly<Record<string, string | undefined>>): VersionReport {
  return { reroll: manifest.version, node: versions.node ?? "", tzdata: versions.tz ?? "" };
}

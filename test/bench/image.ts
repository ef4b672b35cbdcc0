import { readFileSync } from "node:fs";

const dockerfile = new URL("../../Dockerfile", import.meta.url);

/** The variables that the image sets, but for the folder of its compile cache: what is measured is what runs in a cluster. */
export function imageEnvironment(): Record<string, string> {
  const last =
    readFileSync(dockerfile, "utf8")
      .split(/^FROM /m)
      .at(-1) ?? "";
  const words = [...last.matchAll(/^ENV (.+)$/gm)].flatMap(([, line = ""]) => line.split(" "));
  const pairs = words.map((word): [string, string] => [
    word.slice(0, word.indexOf("=")),
    word.slice(word.indexOf("=") + 1).replaceAll('"', ""),
  ]);
  return Object.fromEntries(pairs.filter(([name]) => name !== "NODE_COMPILE_CACHE"));
}

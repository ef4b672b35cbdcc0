/** Levenshtein distance, by one row of the matrix at a time. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}

/** The known name that a misspelt one was most likely meant to be: at most `furthest` edits away, the first of equals; `undefined` where none is near. */
export function nearest(name: string, known: readonly string[], furthest: number): string | undefined {
  const near = known
    .filter((candidate) => Math.abs(candidate.length - name.length) <= furthest)
    .map((candidate) => ({ candidate, edits: distance(name, candidate) }))
    .filter(({ edits }) => edits <= furthest);
  return near.reduce<(typeof near)[number] | undefined>(
    (best, next) => (best && best.edits <= next.edits ? best : next),
    undefined,
  )?.candidate;
}

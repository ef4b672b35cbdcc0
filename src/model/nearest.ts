/** Edits from one name to the other, two letters in each other's place counting as one (optimal string alignment), row by row of the matrix. */
function distance(a: string, b: string): number {
  let before: readonly number[] = [];
  let above: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swaps = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swapped = swaps ? (before[column - 2] ?? 0) + 1 : replaced;
      current.push(Math.min(replaced, swapped, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    before = above;
    above = current;
  }
  return above[b.length] ?? 0;
}

/**
 * The known name that a misspelt one was most likely meant to be: at most `furthest` edits away, and at most one in three letters, since of
 * short names any two are near. The first of equals; `undefined` where none is near.
 */
export function nearest(name: string, known: readonly string[], furthest: number): string | undefined {
  const most = Math.max(1, Math.min(furthest, Math.floor(name.length / 3)));
  const near = known
    .filter((candidate) => Math.abs(candidate.length - name.length) <= most)
    .map((candidate) => ({ candidate, edits: distance(name, candidate) }))
    .filter(({ edits }) => edits <= most);
  return near.reduce<(typeof near)[number] | undefined>(
    (best, next) => (best && best.edits <= next.edits ? best : next),
    undefined,
  )?.candidate;
}

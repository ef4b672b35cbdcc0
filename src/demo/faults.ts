import type { Route } from "./route.ts";

/** What happens instead of the answer, or on top of it. */
export type Fault =
  /** Answers with this status and nothing is done. `body` replaces the `Status` the API server would send. */
  | { readonly answer: number; readonly retryAfter?: number; readonly reason?: string; readonly body?: string }
  /** Closes the connection before anything is done. */
  | { readonly reset: true }
  /** Does what is asked, then closes the connection without a word: the caller cannot know. */
  | { readonly dropAnswer: true }
  /** Does what is asked, then sends the first half of the body and closes the connection. */
  | { readonly halfBody: true }
  /** Waits this many milliseconds, then answers as always. */
  | { readonly delay: number }
  /** Never answers. */
  | { readonly hang: true };

/** How often a fault hits. */
export interface Turn {
  /** Only the nth matching request, counted from 1. */
  readonly nth?: number;
  /** Only the first so many matching requests. */
  readonly times?: number;
  readonly fault: Fault;
}

/** Which requests a fault hits. What is absent matches everything. */
export interface FaultRule extends Turn {
  readonly method?: string;
  readonly verb?: string;
  /** Plural, such as `configmaps`. */
  readonly resource?: string;
  /** `null`: only requests for all namespaces at once. */
  readonly namespace?: string | null;
  readonly name?: string;
  readonly where?: (route: Route) => boolean;
}

/** A rule in force. */
export interface FaultHandle {
  /** How many requests matched and were hit. */
  readonly hits: number;
  remove(): void;
}

/** Faults for tests: the first rule that hits a request decides. */
export class FaultList<Rule extends Turn, Request> {
  #rules: { rule: Rule; seen: number; hits: number }[] = [];
  readonly #matches: (rule: Rule, request: Request) => boolean;

  constructor(matches: (rule: Rule, request: Request) => boolean) {
    this.#matches = matches;
  }

  push(rule: Rule): FaultHandle {
    const entry = { rule, seen: 0, hits: 0 };
    this.#rules.push(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => {
        this.#rules = this.#rules.filter((other) => other !== entry);
      },
    };
  }

  clear(): void {
    this.#rules = [];
  }

  /** The fault for this request, if any. Counts: ask once per request. */
  take(request: Request): Fault | undefined {
    for (const entry of this.#rules) {
      if (!this.#matches(entry.rule, request)) continue;
      entry.seen += 1;
      const { nth, times, fault } = entry.rule;
      if ((nth !== undefined && entry.seen !== nth) || (times !== undefined && entry.seen > times)) continue;
      entry.hits += 1;
      return fault;
    }
    return undefined;
  }
}

/** Faults of the API server. */
export class Faults extends FaultList<FaultRule, Route> {
  constructor() {
    super(matches);
  }
}

function matches(rule: FaultRule, route: Route): boolean {
  return (
    (rule.method === undefined || rule.method === route.method) &&
    (rule.verb === undefined || rule.verb === route.verb) &&
    (rule.resource === undefined || rule.resource === route.resource?.plural) &&
    (rule.namespace === undefined || rule.namespace === (route.namespace ?? null)) &&
    (rule.name === undefined || rule.name === route.name) &&
    (rule.where?.(route) ?? true)
  );
}

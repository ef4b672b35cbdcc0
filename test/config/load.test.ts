import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConfigInputs, loadConfig } from "../../src/config/load.ts";
import type { Loaded } from "../../src/config/settle.ts";
import { workloadKinds } from "../../src/model/kinds.ts";

function load(inputs: Partial<ConfigInputs>): Loaded {
  const loaded = loadConfig({ env: {}, flags: {}, facts: {}, ...inputs });
  if ("problems" in loaded) assert.fail(loaded.problems.map(({ message }) => message).join("\n"));
  return loaded;
}

function problems(inputs: Partial<ConfigInputs>): string[] {
  const loaded = loadConfig({ env: {}, flags: {}, facts: {}, filePath: "f", ...inputs });
  return "problems" in loaded ? loaded.problems.map(({ path, message }) => `${path}: ${message}`) : [];
}

test("flag wins over environment, environment over file, file over pod, pod over default", () => {
  const layers: Partial<ConfigInputs>[] = [
    { flags: { "state.namespace": "flag" } },
    { env: { REROLL_STATE_NAMESPACE: "environment" } },
    { fileText: "state: { namespace: file }", filePath: "f" },
    { facts: { inPodNamespace: "pod" } },
  ];
  const winners = [0, 1, 2, 3, 4].map((first) => {
    const { config, origins } = load(Object.assign({}, ...layers.slice(first)));
    return [config["state.namespace"], origins["state.namespace"].where];
  });
  assert.deepEqual(winners, [
    ["flag", "state.namespace"],
    ["environment", "REROLL_STATE_NAMESPACE"],
    ["file", "f:1"],
    ["pod", "in a pod: its own namespace"],
    ["reroll-system", "default"],
  ]);
});

test("the log is text on a terminal and JSON elsewhere, unless somebody says so", () => {
  const format = (inputs: Partial<ConfigInputs>): string => load(inputs).config["log.format"];
  assert.equal(format({}), "json");
  assert.equal(format({ facts: { isTerminal: true } }), "text");
  assert.equal(format({ facts: { isTerminal: true }, env: { REROLL_LOG_FORMAT: "json" } }), "json");
});

test("a value that another layer hides is checked too", () => {
  assert.deepEqual(problems({ flags: { "log.level": "info" }, env: { REROLL_LOG_LEVEL: "loud" } }), [
    'REROLL_LOG_LEVEL: log.level: expected one of debug, info, warn, error, found "loud"',
  ]);
});

test("problems of flags, environment and file are reported together", () => {
  const found = problems({
    flags: { "log.format": "xml" },
    env: { REROLL_CONCURRENCY: "many", REROLL_PERKEY: "true" },
    fileText: "nonsense: 1\ntimeouts: { run: 5 }\n",
  });
  assert.deepEqual(found.sort(), [
    '--log-format: log.format: expected one of json, text, found "xml"',
    'REROLL_CONCURRENCY: concurrency: expected a whole number from 1 to 100, found "many"',
    "REROLL_PERKEY: REROLL_PERKEY is no option; did you mean REROLL_PER_KEY?",
    "f:1: nonsense is no option",
    "f:2: timeouts.run: expected a duration such as 90s, 50m or 1h30m, at most 168h, found 5",
  ]);
});

test("variables of a Service called reroll and of tests are left alone", () => {
  const env = {
    REROLL_SERVICE_HOST: "10.0.0.1",
    REROLL_SERVICE_PORT: "80",
    REROLL_SERVICE_PORT_HTTP: "80",
    REROLL_PORT: "tcp://10.0.0.1:80",
    REROLL_PORT_80_TCP: "tcp://10.0.0.1:80",
    REROLL_PORT_80_TCP_ADDR: "10.0.0.1",
    REROLL_METRICS_SERVICE_HOST: "10.0.0.2",
    REROLL_TEST_ANYTHING: "1",
    REROLL_BENCH_ANYTHING: "1",
    REROLL_CONFIG: "reroll.yaml",
    OTHER: "x",
  };
  assert.deepEqual(problems({ env }), []);
});

test("an empty variable empties a list or a selector, and is no number", () => {
  const fileText = "namespaces: [web]\nselector: app=web\n";
  const { config } = load({ fileText, env: { REROLL_NAMESPACES: "", REROLL_SELECTOR: "" } });
  assert.deepEqual([config.namespaces, config.selector], [[], ""]);
  assert.deepEqual(problems({ env: { REROLL_CONCURRENCY: "" } }), [
    'REROLL_CONCURRENCY: concurrency: expected a whole number from 1 to 100, found ""',
  ]);
});

test("lists are in force sorted and without repetitions", () => {
  assert.deepEqual(load({ flags: { namespaces: "web, api,web" } }).config.namespaces, ["api", "web"]);
});

test("the policy carries what the stages need", () => {
  const fileText = `
ignoreNamespaces: [kube-system]
namespaceSelector: team:web,old=*
namespaceAnnotations: false
selector: app in (web,api)
ignoreSources: [secrets]
ignoreWorkloads: [daemonsets]
autoReloadAll: true
reloadOnDelete: true
perKey: false
imagePullSecrets: true
anchoring: stakater
annotationKeys: { auto: example.com/auto }
loopBreaker: { returns: 0, within: 12h, restarts: 6, settle: 30m }
concurrency: 3
timeouts: { run: 1h, rollout: 90s }
mode: git
git: { secretRef: deploy-key, skipCi: true, await: 0s, onUnresolvable: direct, cluster: home }
`;
  assert.deepEqual(load({ fileText, catchUp: true }).policy, {
    mode: "git",
    git: {
      repositories: ["flux-system/*"],
      secret: { namespace: "reroll-system", name: "deploy-key" },
      useSourceSecret: false,
      author: { name: "reroll", email: "reroll@localhost" },
      message: "chore(reroll): restart {workloads}",
      skipCi: true,
      cluster: "home",
      await: 0,
      onUnresolvable: "direct",
      reconcileReferences: false,
    },
    autoReloadAll: true,
    reloadOnCreate: false,
    reloadOnDelete: true,
    perKey: false,
    imagePullSecrets: true,
    anchoring: "stakater",
    ignoreSources: ["Secret"],
    kinds: workloadKinds,
    strategies: {},
    ignoreWorkloads: ["DaemonSet"],
    namespaces: { only: [], ignore: ["kube-system"], selector: "team=web,old" },
    namespaceAnnotations: false,
    selector: "app in (web,api)",
    annotationKeys: { auto: "example.com/auto" },
    catchUp: true,
    loopBreaker: { returns: 0, restarts: 6, within: 43_200_000, settle: 1_800_000 },
    concurrency: 3,
    timeouts: { run: 3_600_000, rollout: 90_000 },
  });
});

test("a file that is too large or nested too deeply is refused", () => {
  assert.deepEqual(problems({ fileText: `# ${"x".repeat(70_000)}` }), ["f: the file is larger than 64 KiB"]);
  assert.notDeepEqual(problems({ fileText: "[".repeat(60_000) }), []);
  assert.notDeepEqual(problems({ fileText: `namespaces: ${"[".repeat(3000)}${"]".repeat(3000)}` }), []);
});

test("of very many problems a hundred are shown", () => {
  assert.equal(
    problems({ fileText: Array.from({ length: 5000 }, (_, index) => `key${index}: 1`).join("\n") }).length,
    100,
  );
});

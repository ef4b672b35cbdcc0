/** The programs of a real control plane, and of Flux: taken from KUBEBUILDER_ASSETS, or built once with Go into the cache folder. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { findProgram } from "./find-program.ts";
import { type Build, buildMissing, type GoModule } from "./go-build.ts";

const PROGRAMS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const;
export type ProgramName = (typeof PROGRAMS)[number];
/** Where each program lies on this machine. */
export type Programs = Record<ProgramName, string>;

const KUBERNETES = "v1.36.3";
const STRIP = "-s -w";

const MODULES: readonly GoModule<ProgramName>[] = [
  {
    path: "go.etcd.io/etcd/server/v3",
    version: "v3.6.14",
    packages: { etcd: "go.etcd.io/etcd/server/v3" },
    ldflags: STRIP,
  },
  {
    path: "k8s.io/kubernetes",
    version: KUBERNETES,
    packages: {
      "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
      "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
      "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    },
    // Its go.mod points the staging modules at folders that are not part of the module: they are published as v0 instead.
    stagingVersion: KUBERNETES.replace("v1.", "v0."),
    ldflags: `${STRIP} -X k8s.io/component-base/version.gitVersion=${KUBERNETES}`,
  },
  {
    path: "sigs.k8s.io/kwok",
    version: "v0.8.0",
    packages: { kwok: "sigs.k8s.io/kwok/cmd/kwok" },
    ldflags: STRIP,
  },
];

const FLUX = ["source-controller", "kustomize-controller"] as const;
type FluxName = (typeof FLUX)[number];
/** Where each program of Flux lies on this machine. */
export type FluxPrograms = Record<FluxName, string>;

const DIGEST = {
  "github.com/opencontainers/go-digest": "github.com/opencontainers/go-digest@v1.0.1-0.20220411205349-bde1400a84be",
};
const KUSTOMIZE = "v0.21.1";

const FLUX_MODULES: readonly GoModule<FluxName>[] = [
  {
    path: "github.com/fluxcd/source-controller",
    version: "v1.9.3",
    packages: { "source-controller": "github.com/fluxcd/source-controller" },
    ldflags: STRIP,
    replace: DIGEST,
    crds: "config/crd/bases",
  },
  {
    path: "github.com/fluxcd/kustomize-controller",
    version: "v1.9.6",
    packages: { "kustomize-controller": "github.com/fluxcd/kustomize-controller" },
    ldflags: STRIP,
    replace: {
      ...DIGEST,
      "sigs.k8s.io/kustomize/api": `sigs.k8s.io/kustomize/api@${KUSTOMIZE}`,
      "sigs.k8s.io/kustomize/kyaml": `sigs.k8s.io/kustomize/kyaml@${KUSTOMIZE}`,
    },
    crds: "config/crd/bases",
  },
];

/** The folder outside the checkout that keeps built programs and the notes about running ones. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env.REROLL_TEST_CACHE) return env.REROLL_TEST_CACHE;
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "reroll");
}

/** Every program ready to start; the first call on a machine builds them, which takes minutes. */
export async function resolvePrograms(env: NodeJS.ProcessEnv = process.env): Promise<Programs> {
  const found: Partial<Programs> = fromAssets(env.KUBEBUILDER_ASSETS);
  const folder = programsFolder(env);
  await buildMissing(folder, plan(folder, PROGRAMS, MODULES, found), { what: "a control plane", minutes: 15 });
  return found as Programs;
}

/** Flux's source-controller and kustomize-controller, built by the first call on a machine. */
export async function resolveFlux(env: NodeJS.ProcessEnv = process.env): Promise<FluxPrograms> {
  const found: Partial<FluxPrograms> = {};
  const folder = programsFolder(env);
  await buildMissing(folder, plan(folder, FLUX, FLUX_MODULES, found), { what: "Flux", minutes: 10 });
  return found as FluxPrograms;
}

const KUBECTL: readonly GoModule<"kubectl">[] = [
  {
    path: "k8s.io/kubernetes",
    version: KUBERNETES,
    packages: { kubectl: "k8s.io/kubernetes/cmd/kubectl" },
    stagingVersion: KUBERNETES.replace("v1.", "v0."),
    ldflags: STRIP,
  },
];

/** kubectl, whose `kustomize` says what a tree builds to: the one that is installed, or else built. */
export async function resolveKubectl(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const found: Partial<Record<"kubectl", string>> = {};
  const installed = findProgram("kubectl", env);
  if (installed) return installed;
  const folder = programsFolder(env);
  await buildMissing(folder, plan(folder, ["kubectl"], KUBECTL, found), { what: "kubectl", minutes: 2 });
  return found.kubectl as string;
}

/** Where built and unpacked programs are kept. */
export function programsFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheDirectory(env), "programs");
}

/** Adds to `found` where each program that is not in it will lie, and tells what there is to build. */
function plan<Name extends string>(
  folder: string,
  names: readonly Name[],
  modules: readonly GoModule<Name>[],
  found: Partial<Record<Name, string>>,
): Build<Name>[] {
  return modules.map((module) => {
    const wanted: Partial<Record<Name, string>> = {};
    for (const name of names) {
      if (found[name] || !module.packages[name]) continue;
      found[name] = join(folder, `${name}-${module.version}-${process.platform}-${process.arch}`);
      wanted[name] = found[name];
    }
    return { module, wanted };
  });
}

/** KUBEBUILDER_ASSETS is a folder others made: kube-apiserver and etcd must be there, the rest is used if it is. */
function fromAssets(assets: string | undefined): Partial<Programs> {
  if (!assets) return {};
  const found: Partial<Programs> = {};
  for (const name of PROGRAMS) {
    const file = join(assets, name);
    if (existsSync(file)) found[name] = file;
    else if (name === "etcd" || name === "kube-apiserver") {
      throw new Error(
        `KUBEBUILDER_ASSETS has no ${name}: it must name a folder with kube-apiserver and etcd; unset it to have them built`,
      );
    }
  }
  return found;
}

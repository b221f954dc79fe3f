// Jool, in the kernel, as what translates in a node: an instance in the node's own network namespace, which takes packets
// before they are routed. Its module has to be loaded, by whoever owns the machine.

import { inNode, ownService, type Programs, type Service } from "./service.js";

/** The modes of Jool: the name of its kernel module is that of the program which sets it up. */
type JoolProgram = "jool" | "jool_siit";

/** What the service reads. */
export interface JoolService {
  readonly program: JoolProgram;
  readonly instance: string;
  /** The instance's configuration, which the program reads. */
  readonly file: string;
}

/** The keys of a configuration that the lab uses (jool(8), jool_siit(8)). */
export interface JoolInstance {
  readonly global: Readonly<Record<string, string | boolean>>;
  readonly eamt?: readonly { readonly v4: string; readonly v6: string }[];
}

export function joolService(
  node: string,
  name: string,
  what: string,
  program: JoolProgram,
  { global, eamt = [] }: JoolInstance,
  programs: Programs,
): Service {
  const instance = {
    instance: name,
    framework: "netfilter",
    global,
    ...(eamt.length === 0 ? {} : { eamt: eamt.map(({ v4, v6 }) => ({ "ipv4 prefix": v4, "ipv6 prefix": v6 })) }),
  };
  const file = "instance.json";
  const configuration: JoolService = { program, instance: name, file: inNode(file) };
  const { files, start } = ownService(node, "jool", configuration, programs);
  return {
    name,
    what,
    files: { ...files, [file]: `${JSON.stringify(instance, undefined, 2)}\n` },
    effects: [start],
    needs: [program],
    modules: [program],
    optional: false,
  };
}

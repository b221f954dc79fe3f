// libbpf by FFI: every host that has `ip` has it, since iproute2 depends on it. Version 1 only (libbpf.so.1, 2022): the
// calls of version 0 report errors in another way. Pointers are numbers; structures are octets, see `structs.ts`.

import { createRequire } from "node:module";
import { OsError } from "../../driver.js";

/** Calls that fail return a negative errno, pointers 0. */
export interface Libbpf {
  errno(): number;
  addressOf(octets: Uint8Array): number;
  objectOpen(path: string, options: Uint8Array): number;
  objectLoad(object: number): number;
  objectClose(object: number): void;
  findMap(object: number, name: string): number;
  findProgram(object: number, name: string): number;
  mapFd(map: number): number;
  mapMaxEntries(map: number): number;
  mapSetMaxEntries(map: number, entries: number): number;
  mapSetInitialValue(map: number, octets: Uint8Array, length: number): number;
  mapReuseFd(map: number, fd: number): number;
  mapValueSize(map: number): number;
  programFd(program: number): number;
  lookup(fd: number, key: Uint8Array, value: Uint8Array): number;
  updateBatch(fd: number, keys: Uint8Array, values: Uint8Array, count: Uint8Array, options: number): number;
  programLoad(type: number, name: string, license: string, code: Uint8Array, count: number, options: number): number;
  linkCreate(programFd: number, target: number, type: number, options: Uint8Array): number;
  linkUpdate(linkFd: number, programFd: number, options: number): number;
  hookCreate(hook: Uint8Array): number;
  hookDestroy(hook: Uint8Array): number;
  filterAttach(hook: Uint8Array, options: Uint8Array): number;
  filterDetach(hook: Uint8Array, options: Uint8Array): number;
  testRun(programFd: number, options: Uint8Array): number;
  possibleCpus(): number;
}

let loaded: Libbpf | undefined;

/** @throws OsError "missing" where the library is not there */
export function libbpf(): Libbpf {
  loaded ??= load();
  return loaded;
}

function load(): Libbpf {
  const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
  const lib = open((name) => koffi.load(name));
  lib.func("void *libbpf_set_print(void *print)")(null);
  const pointer = "int64_t";
  const octets = "void *";
  return {
    errno: () => koffi.errno(),
    addressOf: (view) => Number(koffi.address(view)),
    objectOpen: lib.func("bpf_object__open_file", pointer, ["str", octets]),
    objectLoad: lib.func("bpf_object__load", "int", [pointer]),
    objectClose: lib.func("bpf_object__close", "void", [pointer]),
    findMap: lib.func("bpf_object__find_map_by_name", pointer, [pointer, "str"]),
    findProgram: lib.func("bpf_object__find_program_by_name", pointer, [pointer, "str"]),
    mapFd: lib.func("bpf_map__fd", "int", [pointer]),
    mapMaxEntries: lib.func("bpf_map__max_entries", "uint32_t", [pointer]),
    mapSetMaxEntries: lib.func("bpf_map__set_max_entries", "int", [pointer, "uint32_t"]),
    mapSetInitialValue: lib.func("bpf_map__set_initial_value", "int", [pointer, octets, "size_t"]),
    mapReuseFd: lib.func("bpf_map__reuse_fd", "int", [pointer, "int"]),
    mapValueSize: lib.func("bpf_map__value_size", "uint32_t", [pointer]),
    programFd: lib.func("bpf_program__fd", "int", [pointer]),
    lookup: lib.func("bpf_map_lookup_elem", "int", ["int", octets, octets]),
    updateBatch: lib.func("bpf_map_update_batch", "int", ["int", octets, octets, octets, pointer]),
    programLoad: lib.func("bpf_prog_load", "int", ["int", "str", "str", octets, "size_t", pointer]),
    linkCreate: lib.func("bpf_link_create", "int", ["int", "int", "int", octets]),
    linkUpdate: lib.func("bpf_link_update", "int", ["int", "int", pointer]),
    hookCreate: lib.func("bpf_tc_hook_create", "int", [octets]),
    hookDestroy: lib.func("bpf_tc_hook_destroy", "int", [octets]),
    filterAttach: lib.func("bpf_tc_attach", "int", [octets, octets]),
    filterDetach: lib.func("bpf_tc_detach", "int", [octets, octets]),
    testRun: lib.func("bpf_prog_test_run_opts", "int", ["int", octets]),
    possibleCpus: lib.func("libbpf_num_possible_cpus", "int", []),
  };
}

function open<T>(load: (name: string) => T): T {
  try {
    return load("libbpf.so.1");
  } catch (cause) {
    const old = canLoad(() => load("libbpf.so.0"));
    const why = old ? "only version 0 is here; version 1 is needed" : "it is not here; install it (package libbpf1)";
    throw new OsError("missing", `Cannot load libbpf.so.1: ${why}`, { cause });
  }
}

function canLoad(load: () => unknown): boolean {
  try {
    load();
    return true;
  } catch {
    return false;
  }
}

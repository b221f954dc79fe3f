// The fast path on Debian's kernel, which has no tcx: its verifier takes the programs, they make of packets what xlat makes
// of them, and filters carry them.

await import("../integration/ebpf/differential.test.js");
await import("../integration/ebpf/filters.test.js");

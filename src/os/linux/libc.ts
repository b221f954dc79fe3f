// The few functions of the C library that Node does not offer, by FFI. Loaded at the first use: most runs of the tools
// need none of them.

import { createRequire } from "node:module";

interface Libc {
  errno(): number;
  /** Where the first octet of a view lies. The view must be kept alive, and larger than 64 octets: V8 moves smaller ones. */
  addressOf(view: Uint8Array): number;
  open(path: string, flags: number): number;
  close(fd: number): number;
  setns(fd: number, type: number): number;
  socket(domain: number, type: number, protocol: number): number;
  sendto(fd: number, octets: Uint8Array, length: number, flags: number, to: Uint8Array, toLength: number): number;
  ioctlPointer(fd: number, request: number, argument: Uint8Array): number;
  ioctlNumber(fd: number, request: number, argument: number): number;
}

let loaded: Libc | undefined;

export function libc(): Libc {
  if (loaded !== undefined) return loaded;
  const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
  const lib = koffi.load(null);
  // Both end in varargs; koffi passes what follows by the types given at the call.
  const open = lib.func("int open(const char *path, int flags, ...)");
  const ioctl = lib.func("int ioctl(int fd, unsigned long request, ...)");
  loaded = {
    errno: () => koffi.errno(),
    addressOf: (view) => Number(koffi.address(view)),
    open: (path, flags) => open(path, flags),
    close: lib.func("int close(int fd)"),
    setns: lib.func("int setns(int fd, int type)"),
    socket: lib.func("int socket(int domain, int type, int protocol)"),
    sendto: lib.func("sendto", "int64_t", ["int", "void *", "size_t", "int", "void *", "uint32_t"]),
    ioctlPointer: (fd, request, argument) => ioctl(fd, request, "void *", argument),
    ioctlNumber: (fd, request, argument) => ioctl(fd, request, "unsigned long", argument),
  };
  return loaded;
}

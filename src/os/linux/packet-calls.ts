// The few calls into libc that the packet path makes, through koffi. Pointers are numbers (an address fits a double),
// so that a call allocates nothing: 0.2 µs each, where an async fs.read takes 11 µs.

import koffi from "koffi";

const libc = koffi.load(null);

/** All return -1 on error; the reason is in `errno()`. */
export const read: (fd: number, address: number, length: number) => number = libc.func("read", "int64_t", [
  "int",
  "int64_t",
  "int64_t",
]);

export const write: (fd: number, address: number, length: number) => number = libc.func("write", "int64_t", [
  "int",
  "int64_t",
  "int64_t",
]);

/** @param timeout milliseconds; -1: for ever */
export const poll: (address: number, count: number, timeout: number) => number = libc.func("poll", "int", [
  "int64_t",
  "int64_t",
  "int",
]);

const eventfd: (initial: number, flags: number) => number = libc.func("eventfd", "int", ["uint", "int"]);

const fcntl: (fd: number, command: number, ...typed: unknown[]) => number = libc.func(
  "int fcntl(int fd, int command, ...)",
);

export function errno(): number {
  return koffi.errno();
}

/** Where the first octet of a view lies. The view must be kept alive, and larger than 64 octets: V8 moves smaller ones. */
export function addressOf(view: Uint8Array): number {
  return Number(koffi.address(view));
}

const F_GETFL = 3;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const O_NONBLOCK = 0o4000;

export function makeNonBlocking(fd: number): void {
  fcntl(fd, F_SETFL, "int", fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/** A second descriptor of the same open file. */
export function duplicate(fd: number): number {
  const copy = fcntl(fd, F_DUPFD_CLOEXEC, "int", 0);
  if (copy < 0) throw new Error(`Cannot duplicate file descriptor ${fd}: error ${errno()}`);
  return copy;
}

const EFD_CLOEXEC = 0o2000000;
const EFD_NONBLOCK = 0o4000;

/** Something that one thread writes eight octets to and another one polls: a pipe in one descriptor. */
export function newWakeFd(): number {
  const fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw new Error(`Cannot create an eventfd: error ${errno()}`);
  return fd;
}

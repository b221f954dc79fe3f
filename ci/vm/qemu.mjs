// One start of a virtual machine: what QEMU is told, and how it ends. The processor is emulated (TCG), so that it needs no
// /dev/kvm; the guest has no network device.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * @typedef {object} Machine
 * @property {string} kernel a file
 * @property {string} initrd a file
 * @property {Readonly<Record<string, { path: string, readonly: boolean }>>} shares folders of this machine by the tag by
 *   which the guest mounts them (9p)
 * @property {string} console the file for what the guest's kernel says
 * @property {number} memory MiB
 */

/** @param {Machine} machine @returns {string[]} */
export function qemuArguments({ kernel, initrd, shares, console: consoleFile, memory }) {
  const folders = Object.entries(shares).flatMap(([tag, { path, readonly }]) => [
    "-fsdev",
    // Inode numbers of different file systems below one share would clash.
    `local,id=${tag},path=${comma(path)},security_model=none,multidevs=remap${readonly ? ",readonly=on" : ""}`,
    "-device",
    `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`,
  ]);
  return [
    // -nodefaults: no network device, no display, no floppy
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-machine", "q35"],
    // The guest's clock counts instructions (one a nanosecond) while it works, so that what it does within a second does not
    // depend on how busy this machine is: deadlines hold in it as they do here. That takes one processor.
    ...["-accel", "tcg,thread=single,tb-size=512", "-icount", "shift=0,sleep=on", "-smp", "1"],
    // One without AVX, which costs more here than it saves, and whose time stamp counter the kernel takes for a clock.
    ...["-cpu", "Nehalem", "-m", `${memory}`],
    ...["-kernel", kernel, "-initrd", initrd],
    // A panic restarts at once, which -no-reboot makes an end. What guards against Meltdown and its like costs time here.
    ...["-append", "console=ttyS0 quiet panic=-1 mitigations=off"],
    ...["-serial", `file:${comma(consoleFile)}`],
    ...["-device", "virtio-serial-pci", "-chardev", "stdio,id=output,signal=off"],
    ...["-device", "virtserialport,chardev=output,name=output"],
    ...folders,
  ];
}

/** A comma in the value of an option is written twice. @param {string} text */
const comma = (text) => text.replaceAll(",", ",,");

/**
 * @typedef {{ end: "off" } | { end: "hung", why: string } | { end: "broken", why: string }} Ending
 */

/**
 * Runs the machine until it switches itself off.
 * @param {string[]} words
 * @param {{ whole: number, silence: number }} deadlines seconds: for all of it, and from one output to the next
 * @param {(octets: Buffer) => void} hear what the guest writes to its port "output", as it comes
 * @returns {Promise<Ending>}
 */
export function runMachine(words, { whole, silence }, hear) {
  return new Promise((resolve) => {
    // Its standard input stays open: at the end of that it would take nothing from the guest any more.
    const child = spawn("qemu-system-x86_64", words, { stdio: ["pipe", "pipe", "pipe"] });
    /** @type {string | undefined} */
    let late;
    /** @type {string[]} */
    const complaints = [];
    /** @param {string} why */
    const end = (why) => {
      late = why;
      child.kill("SIGKILL");
    };
    const all = setTimeout(() => end(`it has not ended after ${whole} s`), whole * 1000);
    const quiet = setTimeout(() => end(`it has said nothing for ${silence} s`), silence * 1000);
    child.stdout.on("data", (octets) => {
      quiet.refresh();
      hear(octets);
    });
    child.stderr.on("data", (octets) => void complaints.push(String(octets)));
    /** @param {Ending} ending */
    const done = (ending) => {
      clearTimeout(all);
      clearTimeout(quiet);
      resolve(ending);
    };
    child.once("error", (error) => done({ end: "broken", why: error.message }));
    child.once("close", (code, signal) => {
      if (late !== undefined) done({ end: "hung", why: late });
      else if (code === 0) done({ end: "off" });
      else done({ end: "broken", why: `QEMU ended with ${signal ?? `code ${code}`}: ${complaints.join("").trim()}` });
    });
  });
}

/** The last lines of a file, "" where there is none. @param {string} file @param {number} lines */
export function tail(file, lines) {
  try {
    return readFileSync(file, "utf8").replaceAll("\r", "").trimEnd().split("\n").slice(-lines).join("\n");
  } catch {
    return "";
  }
}
